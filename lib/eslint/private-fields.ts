import type * as ESTree from 'estree';

import { type CallNode, type Node, memberName, parentOf, propertyName, unwrap, walk } from './ast.ts';
import type { Reporter } from './findings.ts';
import type { FileContext } from './flow/file.ts';
import { kindOfConstant, nameOfOurs } from './flow/identify.ts';
import { FUNCTIONS } from './model/functions.ts';
import { ALLOCATOR_CLASSES, dutyOfBlocks } from './model/kinds.ts';
import { METHODS } from './model/methods.ts';

// A private field is the class's alone: what it allocates into one and never ends in any method, nobody ends.

/** Finds private fields that own something which no method of the class ends. */
export function privateFields(file: FileContext, reporter: Reporter): void {
  if (!/#\w/.test(file.source.text)) return;
  walk(file.source.ast, file.source.visitorKeys, (node) => {
    if (node.type === 'ClassBody') lookAt(file, reporter, node);
    return true;
  });
}

function lookAt(file: FileContext, reporter: Reporter, body: ESTree.ClassBody): void {
  const made = new Map<string, CallNode>();
  const handedOn = new Set<string>();
  for (const member of body.body) {
    if (member.type === 'PropertyDefinition' && !member.static && member.value != null) {
      const name = propertyName(member);
      const call = ownedBy(file, member.value);
      if (name?.startsWith('#') === true && call !== null) made.set(name, call);
    }
  }
  walk(body, file.source.visitorKeys, (node) => {
    if (node.type !== 'MemberExpression') return true;
    const name = memberName(node);
    if (name?.startsWith('#') !== true) return true;
    const around = parentOf(node);
    if (around?.type === 'AssignmentExpression' && around.left === node) {
      const call = ownedBy(file, around.right);
      if (call !== null && around.operator === '=') made.set(name, call);
    } else if (!isRead(node)) handedOn.add(name);
    return true;
  });
  for (const [name, call] of made) {
    if (handedOn.has(name)) continue;
    reporter.found({
      rule: 'no-leak',
      node: call,
      message: `\`${name}\` owns what is allocated here, but no method of the class frees, disposes or hands it on; give the class a [Symbol.dispose]() that does.`,
    });
  }
}

/** A call that makes something which has to be ended. */
function ownedBy(file: FileContext, expression: Node): CallNode | null {
  const node = unwrap(expression);
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return null;
  if (
    node.callee.type === 'MemberExpression' &&
    METHODS.allocator.get(memberName(node.callee) ?? '') === 'allocates'
  ) {
    const { object } = node.callee;
    const kind = object.type === 'Identifier' ? kindOfConstant({ file }, object) : null;
    return kind !== null && dutyOfBlocks(kind) === 'hard' ? node : null;
  }
  const name = nameOfOurs({ file }, node.callee);
  if (name === null) return null;
  const isOwned =
    node.type === 'NewExpression'
      ? ALLOCATOR_CLASSES.get(name)?.duty === 'hard'
      : ['allocates', 'owned', 'owns'].includes(FUNCTIONS.get(name)?.does ?? '');
  return isOwned ? node : null;
}

const ENDS: ReadonlySet<string> = new Set([
  '@@asyncDispose',
  '@@dispose',
  'dispose',
  'disposeAsync',
  'move',
  'release',
  'transfer',
]);

/** Whether a mention of a field only reads or writes what is in it. */
function isRead(field: ESTree.MemberExpression): boolean {
  const around = parentOf(field);
  if (around?.type === 'ChainExpression') return false;
  if (around?.type !== 'MemberExpression' || around.object !== field) return false;
  return !ENDS.has(memberName(around) ?? '');
}
