/** Ends of names that are tried: one that is deeper in brackets is not known. */
const MAX_PARTS = 8;
const PART = /[[.]/g;

interface Known {
  has(name: string): boolean;
}

/**
 * Whether a name of a query or a form is known, or is a part of what is: members of objects and items of lists are written behind a name in many ways,
 * `name[member]`, `name[]`, `name.member`, and names that are declared may have such a part themselves.
 */
export function isSpelling(name: string, known: Known): boolean {
  if (known.has(name) || known.has(`${name}[]`)) return true;
  PART.lastIndex = 1;
  for (let i = 0; i < MAX_PARTS; i++) {
    const part = PART.exec(name);
    if (part === null) return false;
    const before = name.slice(0, part.index);
    if (known.has(before) || known.has(`${before}[]`)) return true;
  }
  return false;
}

/** The name itself: what is in its brackets may be of the caller's making. */
export function withoutBrackets(name: string): string {
  const end = name.indexOf('[', 1);
  return end < 0 ? name : name.slice(0, end);
}
