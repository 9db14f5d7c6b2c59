/** Why each finding is true, as a person sees it who reads the document beside the recording. By kind and name; of an endpoint, by a part of its name. */
export interface Reason {
  readonly kind: string;
  readonly name: RegExp;
  readonly why: string;
  /** What of the document says so, where that is not at the place of the finding: a JSON pointer. */
  readonly quote?: string;
}

export const REASONS: readonly Reason[] = [
  {
    kind: 'missing_required',
    name: /^has_discussions$/,
    why: 'the answers are of July 2022; discussions came into this schema later, and were made required of all three operations that use it',
  },
  { kind: 'missing_required', name: /^archived_at$/, why: 'the answer is of July 2022; the member has been added and made required since' },
  { kind: 'missing_required', name: /^type$/, why: 'the answer is of July 2022; a team has a `type` since, and it was made required' },
  {
    kind: 'missing_required',
    name: /^digest$/,
    why: 'the answers are of July 2022; assets have a digest since, null where there is none, and required',
  },
  {
    kind: 'missing_required',
    name: /^search_type$/,
    why: 'the answer is of July 2022; kinds of search came later, and the member was made required',
  },
  {
    kind: 'undocumented_media_type',
    name: /^text\/plain$/,
    why: 'three text files were uploaded as what they are, and taken with 201. The description of the operation says "Use the required `Content-Type` header to provide the media type of the asset", so that any is meant; its `content` has but one, and no `*/*`',
  },
  {
    kind: 'undocumented_media_type',
    name: /raw$/,
    why: 'a file was asked for, and answered, as itself. The description of the operation names the type `application/vnd.github.raw+json` for that; neither it nor this older name is in `content`',
  },
  {
    kind: 'valid_refused',
    name: /^422$/,
    why: 'a label with the color "invalid" was refused (`"code":"invalid","field":"color"`). To the schema any text is a color: that it must be hexadecimal stands in the description alone. A `pattern` would say it',
    quote: '/requestBody/content/application~1json/schema/properties/color/type',
  },
  {
    kind: 'undocumented_header',
    name: /^x-(?:accepted-)?oauth-scopes$/,
    why: 'an answer to a token of the older kind has it. Answers of these operations have documented headers, and it is none of them; nor is it documented anywhere else',
  },
  {
    kind: 'undocumented_header',
    name: /^x-github-/,
    why: 'answers of these operations have documented headers, and it is none of them; nor is it documented anywhere else',
  },
  {
    kind: 'undocumented_endpoint',
    name: /projects/,
    why: 'projects with columns were taken out of the API after 2022; no path of the document has columns or cards',
  },
  {
    kind: 'undocumented_endpoint',
    name: / \/repositories\/\{\}/,
    why: 'where GitHub redirects to, and where its links of pages lead; the service answers there, and the document has no such path',
  },
  {
    kind: 'undocumented_endpoint',
    name: /\/contents\/$/,
    why: 'the list of the topmost directory. The description says "If you omit the `path` parameter, you will receive the contents of the repository\'s root directory", and the parameter is `required: true`, as OpenAPI wants it of each in a path: the path without it is none of the document',
  },
  {
    kind: 'undocumented_endpoint',
    name: /^GET .*\/git\/refs\/$/,
    why: "all references were listed so in 2022. Today's document has `/git/matching-refs/{ref}` for that, and only POST at `/git/refs`",
  },
  {
    kind: 'undocumented_endpoint',
    name: /\/git\/refs\/\{ref\}\/test$/,
    why: '`heads/test` stands for `{ref}`, with a slash in it, which a value in a path must not have (3.0.4, Path Templating). GitHub marks the parameter `x-multi-segment`, a word of its own: the document says what is meant, and not in OpenAPI',
  },
];

/** What redocly says and Plumbline does not, or otherwise, and who is right. `says`: its message. */
export interface Ruling {
  readonly says: RegExp;
  readonly about: string;
  readonly right: 'both' | 'Plumbline' | 'redocly';
  readonly why: string;
}

export const RULINGS: readonly Ruling[] = [
  {
    says: /^(?:Request|Response) schema mismatch .* Schema compilation failed: "nullable" cannot be used without "type"$/,
    about: '`"nullable" cannot be used without "type"`',
    right: 'Plumbline',
    why: 'no message is wrong: the schemas have `nullable: true` beside `oneOf` or `anyOf`, without `type`, which OpenAPI 3.0.3 allows ("only if `type` is explicitly defined within the same Schema Object" does it add null), and redocly\'s validator refuses to compile. These 36 messages are not judged by it, and counted as errors; Plumbline judges them, and finds `search_type` in one',
  },
  {
    says: /^Undocumented header in traffic: "x-octokit-fixture-ignore"$/,
    about: 'request header `x-octokit-fixture-ignore`',
    right: 'redocly',
    why: "true: no operation declares it. It is the recording test's own, and what clients add is not for the service to document: it ignores fields that it does not know (RFC 9110 §5.1). Plumbline tells of no request headers for that, and says less; redocly can be told to leave it out (`--ignore-headers`)",
  },
  {
    says: /^Undocumented server: .* was sent to "codeload\.github\.com"/,
    about: 'an archive, fetched from `codeload.github.com`',
    right: 'both',
    why: "the document's servers are `api.github.com` and `uploads.github.com`. redocly reports what went elsewhere as a problem; Plumbline leaves it out and says in its last line that 1 exchange went to another host: in what a browser records most is of other hosts",
  },
];
