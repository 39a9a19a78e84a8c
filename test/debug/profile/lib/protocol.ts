import { runChild } from '../../../lib/child.ts';

/** A type of the DevTools protocol, as far as profiles use it. */
interface Type {
  readonly type?: 'string' | 'number' | 'integer' | 'array' | 'object';
  readonly $ref?: string;
  readonly items?: Type;
  readonly properties?: readonly (Type & { readonly name: string; readonly optional?: boolean })[];
}

interface Domain {
  readonly domain: string;
  readonly types?: readonly (Type & { readonly id: string })[];
}

/** The definition of the DevTools protocol that this node itself serves to debuggers. */
export class Protocol {
  readonly #types = new Map<string, Type>();

  private constructor(domains: readonly Domain[]) {
    for (const { domain, types = [] } of domains) {
      for (const type of types) this.#types.set(`${domain}.${type.id}`, type);
    }
  }

  static async ofThisNode(): Promise<Protocol> {
    const { stdout } = await runChild(
      `import { url } from 'node:inspector';
       const { host } = new URL(url());
       const answer = await fetch(\`http://\${host}/json/protocol\`, { headers: { connection: 'close' } });
       process.stdout.write(await answer.text());`,
      { execArgv: ['--inspect=127.0.0.1:0'], env: { NODE_OPTIONS: undefined }, expect: { stderr: 'any' } },
    );
    return new Protocol((JSON.parse(stdout) as { domains: Domain[] }).domains);
  }

  /** What in a value is not as `name`, such as `Runtime.CallFrame`, says: each with its path; also what is there besides. */
  faultsOf(value: unknown, name: string): string[] {
    const faults: string[] = [];
    this.#check(value, { $ref: name }, '', '', faults);
    return faults;
  }

  #check(value: unknown, type: Type, domain: string, path: string, faults: string[]): void {
    if (type.$ref !== undefined) {
      const name = type.$ref.includes('.') ? type.$ref : `${domain}.${type.$ref}`;
      const referred = this.#types.get(name);
      if (referred === undefined) throw new Error(`the protocol has no ${name}`);
      this.#check(value, referred, name.split('.')[0], path, faults);
    } else if (type.type === 'array') {
      if (!Array.isArray(value)) faults.push(`${path} is no array`);
      else
        value.forEach((item, index) => this.#check(item, type.items!, domain, `${path}[${index}]`, faults));
    } else if (type.type === 'object') {
      if (typeof value !== 'object' || value === null) faults.push(`${path} is no object`);
      else this.#checkProperties(value, type, domain, path, faults);
    } else if (type.type === 'integer' ? !isInt32(value) : typeof value !== type.type) {
      faults.push(`${path} is no ${String(type.type)}`);
    }
  }

  #checkProperties(value: object, type: Type, domain: string, path: string, faults: string[]): void {
    const rest = new Map<string, unknown>(Object.entries(value));
    for (const { name, optional = false, ...property } of type.properties!) {
      if (rest.has(name)) this.#check(rest.get(name), property, domain, `${path}.${name}`, faults);
      else if (!optional) faults.push(`${path}.${name} is missing`);
      rest.delete(name);
    }
    for (const name of rest.keys()) faults.push(`${path}.${name} is not in the protocol`);
  }
}

/** What C++ reads the protocol's integers into. */
function isInt32(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}
