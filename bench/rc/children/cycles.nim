# Nim's collector of cycles, ORC, on the graphs of bench/lib/rc-graphs.mjs: see cycles.mjs for what goes in and out.
import std/[monotimes, strutils, times]

type Node = ref object
  a, b: Node

var state: uint32

proc draw(count: int): int =
  state = state * 1664525'u32 + 1013904223'u32
  int((uint64(state) * uint64(count)) shr 32)

proc references(name: string, node, count: int): (int, int) =
  case name
  of "ring": ((if node + 1 == count: 0 else: node + 1), -1)
  of "pairs": (node xor 1, -1)
  of "list": (node - 1, (if node + 1 == count: -1 else: node + 1))
  of "random":
    let first = draw(count)
    (first, draw(count))
  else:
    let left = 2 * node + 1
    ((if left < count: left else: -1), (if left + 1 < count: left + 1 else: -1))

proc build(name: string, count: int): seq[Node] =
  state = 1
  result = newSeq[Node](count)
  for node in 0 ..< count:
    result[node] = Node()
  for node in 0 ..< count:
    let (a, b) = references(name, node, count)
    if a >= 0: result[node].a = result[a]
    if b >= 0: result[node].b = result[b]

proc nanoseconds(begin, `end`: MonoTime): int64 = (`end` - begin).inNanoseconds

proc measure(name: string, count: int): string =
  var nodes = build(name, count)
  let begin = getMonoTime()
  nodes = @[]
  let dropped = getMonoTime()
  GC_fullCollect()
  let done = getMonoTime()
  "{\"drop\": " & $nanoseconds(begin, dropped) & ", \"collect\": " & $nanoseconds(dropped, done) & "}"

var live: Node

proc main() =
  # Only when it is asked to.
  GC_disableOrc()
  for line in stdin.lines:
    let words = line.split(' ')
    if words[0] == "live":
      live = build("tree", parseInt(words[1]))[0]
      GC_fullCollect()
      echo "{}"
    else:
      echo measure(words[0], parseInt(words[1]))
    stdout.flushFile()

main()
