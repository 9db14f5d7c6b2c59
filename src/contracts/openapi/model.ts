import type { Deprecation } from '../../core/contract.ts';
import type { Ownership } from '../../core/ownership.ts';
import type { Node, Place } from './document/documents.ts';

/** What the document says of an operation, read once, references followed, nothing compiled. */
export interface OperationModel {
  /** operationId, without one `METHOD /path`; of a webhook `METHOD name`. */
  readonly id: string;
  /** As it is sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** Of a webhook its name. */
  readonly template: string;
  readonly place: Place;
  readonly deprecated: boolean;
  readonly deprecation: Deprecation | undefined;
  readonly parameters: readonly ParameterModel[];
  readonly body: BodyModel | undefined;
  readonly responses: readonly ResponseModel[];
  readonly responsesPlace: Place;
  readonly security: SecurityModel | undefined;
  readonly servers: readonly Server[];
}

export type In = 'path' | 'query' | 'header' | 'cookie' | 'querystring';

export interface ParameterModel {
  readonly name: string;
  readonly in: In;
  readonly required: boolean;
  readonly place: Place;
  readonly schema: Node | undefined;
  /** Declared by `content` instead of `schema`. */
  readonly hasContent: boolean;
  /** The one entry of `content`. */
  readonly content: ContentModel | undefined;
  readonly style: string;
  /** `not_defined`: the specification gives this style no such form. */
  readonly explode: boolean | 'not_defined';
  readonly allowEmptyValue: boolean;
  readonly allowReserved: boolean;
}

export interface ContentModel {
  /** As written: a media type or a range, perhaps with parameters. */
  readonly mediaType: string;
  readonly place: Place;
  readonly schema: Node | undefined;
  /** Encoding Objects by the name of the property, for forms and multipart bodies. */
  readonly encoding: ReadonlyMap<string, EncodingModel>;
  /** What only 3.2 says of a sequence of items (3.2.0 §4.14.3); undefined in older documents, which know no such thing. */
  readonly sequence: SequenceModel | undefined;
}

/** A body that is a sequence of items, mapped to an array (3.2.0 §4.14.3.1). */
export interface SequenceModel {
  /** For each item by itself. */
  readonly itemSchema: Node | undefined;
  /** How the parts of a multipart body are written, by position. */
  readonly prefixEncoding: readonly EncodingModel[];
  /** How those behind them are; undefined: by their types. */
  readonly itemEncoding: EncodingModel | undefined;
}

/** How one property of a form or multipart body is written (3.1.1 §4.8.15). */
export interface EncodingModel {
  readonly place: Place;
  /** As written: media types or ranges, perhaps several with commas. Undefined: by the type of the property. */
  readonly contentType: string | undefined;
  /** Of the part, for multipart bodies; without Content-Type. */
  readonly headers: readonly HeaderModel[];
  /** One of `style`, `explode` and `allowReserved` is written: then these decide and `contentType` is ignored. */
  readonly styled: boolean;
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
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
  readonly content: ContentModel | undefined;
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
  /** `scheme`: in lower case. `tokens`: whether they can be verified, as a JSON Web Token can. */
  | { readonly type: 'http'; readonly scheme: string; readonly tokens: 'verifiable' | 'opaque' }
  /** OAuth 2.0 and OpenID Connect. */
  | { readonly type: 'bearer' }
  /** Cannot be seen in a message: taken as given. */
  | { readonly type: 'unseen' };

export interface SchemeUse {
  readonly name: string;
  readonly scheme: SchemeModel;
  /** All of them are needed; only of OAuth 2.0 and OpenID Connect, elsewhere they are roles that nobody exchanges (3.1.1 §4.8.30). */
  readonly scopes: readonly string[];
  /** Where they stand. */
  readonly place: Place;
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
  /** Whose it is and what was promised, as the document says (`info.x-plumbline`). */
  readonly declared: Ownership | undefined;
  readonly operations: readonly OperationModel[];
  /** By name, in the order of the document. A name without operations is there too. */
  readonly webhooks: ReadonlyMap<string, readonly OperationModel[]>;
}
