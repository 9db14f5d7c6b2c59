/** A regular expression of ECMA-262, as far as its cost and its translation must know it. */
export type Ast =
  | { readonly is: 'sequence'; readonly items: readonly Ast[] }
  | { readonly is: 'choice'; readonly options: readonly Ast[] }
  | { readonly is: 'char'; readonly code: number }
  | { readonly is: 'any' }
  | { readonly is: 'set'; readonly set: SetItem }
  | { readonly is: 'class'; readonly negated: boolean; readonly items: readonly SetItem[] }
  | { readonly is: 'anchor'; readonly kind: '^' | '$' | 'b' | 'B' }
  | { readonly is: 'look'; readonly body: Ast }
  | { readonly is: 'backreference' }
  | { readonly is: 'repeat'; readonly body: Ast; readonly min: number; readonly max: number };

export type SetItem =
  | { readonly is: 'range'; readonly from: number; readonly to: number }
  | { readonly is: 'shorthand'; readonly letter: 'd' | 'D' | 'w' | 'W' | 's' | 'S' }
  | { readonly is: 'property'; readonly negated: boolean; readonly name: string };
