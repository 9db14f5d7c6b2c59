import type { Node, Place } from './document/documents.ts';

/** What the document says of an operation, read once, references followed, nothing compiled. */
export interface OperationModel {
  /** operationId, without one `METHOD /path`. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  readonly template: string;
  readonly place: Place;
  readonly deprecated: boolean;
  readonly parameters: readonly ParameterModel[];
  readonly body: BodyModel | undefined;
  readonly responses: readonly ResponseModel[];
  readonly responsesPlace: Place;
  readonly security: SecurityModel | undefined;
  readonly servers: readonly Server[];
}

export type In = 'path' | 'query' | 'header' | 'cookie';

export interface ParameterModel {
  readonly name: string;
  readonly in: In;
  readonly required: boolean;
  readonly place: Place;
  readonly schema: Node | undefined;
  /** Declared by `content` instead of `schema`. */
  readonly hasContent: boolean;
  readonly style: string;
  readonly explode: boolean;
  readonly allowEmptyValue: boolean;
}

export interface ContentModel {
  /** As written: a media type or a range, perhaps with parameters. */
  readonly mediaType: string;
  readonly place: Place;
  readonly schema: Node | undefined;
  readonly hasEncoding: boolean;
}

export interface BodyModel {
  readonly place: Place;
  readonly required: boolean;
  readonly content: readonly ContentModel[];
}

export interface HeaderModel {
  readonly name: string;
  readonly place: Place;
  readonly required: boolean;
  readonly schema: Node | undefined;
  readonly hasContent: boolean;
  readonly explode: boolean;
}

export interface ResponseModel {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly place: Place;
  readonly content: readonly ContentModel[];
  readonly headers: readonly HeaderModel[];
}

export type SchemeModel =
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly key: string }
  | { readonly type: 'http'; readonly scheme: string }
  | { readonly type: 'bearer' }
  /** Cannot be seen in a message: taken as given. */
  | { readonly type: 'unseen' };

export interface SchemeUse {
  readonly name: string;
  readonly scheme: SchemeModel;
}

/** One of the alternatives must be there as a whole; an empty one always is. */
export interface SecurityModel {
  readonly place: Place;
  readonly alternatives: ReadonlyArray<readonly SchemeUse[]>;
}

export interface Server {
  readonly url: string;
  readonly variables: ReadonlyMap<string, ServerVariable>;
}

export interface ServerVariable {
  readonly default: string;
  /** Undefined: any value. */
  readonly values: readonly string[] | undefined;
}

export interface Model {
  readonly title: string;
  readonly version: string;
  readonly operations: readonly OperationModel[];
}
