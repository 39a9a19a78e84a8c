import { checkName } from '../validate.ts';
import { ArrayType } from './array-type.ts';
import { Bytes } from './bytes.ts';
import { CString } from './c-string.ts';
import * as errors from './errors.ts';
import type { FieldType } from './field-type.ts';
import { Layout } from './layout.ts';
import { Scalar } from './scalar.ts';

/** Words that C and C++ keep for themselves. A layout may have such fields; a declaration cannot. */
const KEYWORDS = new Set(
  (
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept ' +
    'const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double ' +
    'dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new ' +
    'noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict return ' +
    'short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef ' +
    'typeid typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq'
  ).split(' '),
);

/**
 * The declaration of a layout in C11 and C++, the layouts in it first. For gcc and clang: `align` is written as their attribute.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when a name is none in C.
 */
export function declare(layout: Layout, name: string): string {
  return new Declarations().declare(layout, name).join('\n');
}

/** What was declared so far: a layout that is used twice is declared once. */
class Declarations {
  readonly #names = new Map<FieldType, string>();
  readonly #taken = new Set<string>();
  readonly #text: string[] = [];

  declare(layout: Layout, wanted: string): string[] {
    const name = this.#nameFor(wanted);
    this.#names.set(layout, name);
    const { kind, pack, align, fields } = Layout.shapeOf(layout);
    const lines = fields.map((field) => `  ${this.#member(field.type, checkC(field.name), name)};`);
    if (pack > 0) this.#text.push(`#pragma pack(push, ${pack})`);
    const attribute = align > 0 ? ` __attribute__((aligned(${align})))` : '';
    this.#text.push(`typedef ${kind}${attribute} ${name} {`, ...lines, `} ${name};`);
    if (pack > 0) this.#text.push('#pragma pack(pop)');
    return this.#text;
  }

  /** A field, with the layout of it declared before; `outer` names those that have no name. */
  #member(type: FieldType, name: string, outer: string): string {
    if (ArrayType.is(type)) {
      // From the outside in: the first brackets are those of the outermost array.
      return this.#member(type.element, `${name}[${type.length}]`, outer);
    }
    if (type instanceof Scalar) return `${type.c}${type.c.endsWith('*') ? '' : ' '}${name}`;
    if (type instanceof CString) return `char ${name}[${type.size}]`;
    if (type instanceof Bytes) return `uint8_t ${name}[${type.size}]`;
    const layout = type;
    if (!Layout.is(layout)) throw errors.notAType('a field', layout);
    if (!this.#names.has(layout)) {
      const { name: given, kind } = Layout.shapeOf(layout);
      this.declare(layout, given === kind ? `${outer}_${name.replace(/\[.*/, '')}` : given);
    }
    return `${this.#names.get(layout) ?? ''} ${name}`;
  }

  #nameFor(wanted: string): string {
    const base = checkC(wanted);
    let name = base;
    for (let n = 2; this.#taken.has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

function checkC(name: string): string {
  checkName(name);
  if (/^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name)) return name;
  throw errors.invalid(
    `'${name}' cannot be a name in C or C++; pass another one, or name the field otherwise`,
  );
}
