# CPython's collector of cycles on the graphs of bench/lib/rc-graphs.mjs: see cycles.mjs for what goes in and out.
import gc
import json
import sys
from time import perf_counter_ns


class Node:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = None
        self.b = None


def ring(count):
    return lambda node: (0 if node + 1 == count else node + 1, -1)


def pairs(count):
    return lambda node: (node ^ 1, -1)


def doubly_linked(count):
    return lambda node: (node - 1, -1 if node + 1 == count else node + 1)


def drawn(count):
    state = 1

    def draw():
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state * count) >> 32

    return lambda node: (draw(), draw())


def tree(count):
    return lambda node: tuple(child if child < count else -1 for child in (2 * node + 1, 2 * node + 2))


GRAPHS = {"ring": ring, "pairs": pairs, "list": doubly_linked, "random": drawn, "tree": tree}


def build(name, count):
    nodes = [Node() for _ in range(count)]
    references = GRAPHS[name](count)
    for index, node in enumerate(nodes):
        a, b = references(index)
        if a >= 0:
            node.a = nodes[a]
        if b >= 0:
            node.b = nodes[b]
    return nodes


def measure(name, count):
    nodes = build(name, count)
    # The last node is a local of build() no more, and here the list alone holds them.
    begin = perf_counter_ns()
    nodes.clear()
    dropped = perf_counter_ns()
    found = gc.collect()
    end = perf_counter_ns()
    return {"drop": dropped - begin, "collect": end - dropped, "objects": found}


gc.disable()
live = None
for line in sys.stdin:
    what, number = line.split()
    if what == "live":
        live = build("tree", int(number))[0]
        gc.collect()
        print("{}", flush=True)
    else:
        print(json.dumps(measure(what, int(number))), flush=True)
