import type { Fault } from '../core/schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** More than any honest value; a file full of references to one long variable would otherwise grow without bound. */
const MAX_EXPANDED = 64 * 1024;

export type Substituted = { readonly text: string } | { readonly fault: Fault };

/**
 * `${VAR}` and `${VAR:-default}` (also where VAR is empty, as in a shell) replaced in one value; `$${` stands for `${`. What is put in
 * is text and is not looked at again.
 */
export function substitute(text: string, env: Environment): Substituted {
  let out = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf('${', from);
    if (at < 0) break;
    if (at > from && text[at - 1] === '$') {
      out += `${text.slice(from, at - 1)}\${`;
      from = at + 2;
      continue;
    }
    const end = text.indexOf('}', at);
    const value = end < 0 ? malformed(`has \${ without }`) : lookUp(text.slice(at + 2, end), env);
    if (typeof value !== 'string') return { fault: value };
    out += text.slice(from, at) + value;
    if (out.length > MAX_EXPANDED) return { fault: { code: 'too_long', message: 'is too long with its variables put in' } };
    from = end + 1;
  }
  return { text: out + text.slice(from) };
}

function lookUp(reference: string, env: Environment): string | Fault {
  const dash = reference.indexOf(':-');
  const name = dash < 0 ? reference : reference.slice(0, dash);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return malformed(`has a variable that is neither \${NAME} nor \${NAME:-default}; $\${ stands for \${`);
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (dash >= 0) return value === undefined || value === '' ? reference.slice(dash + 2) : value;
  return value ?? { code: 'unset_variable', message: `the variable ${name} is not set and has no default (\${${name}:-default})` };
}

function malformed(message: string): Fault {
  return { code: 'malformed_variable', message };
}
