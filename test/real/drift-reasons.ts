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
    why: 'the answers are of July 2022 and have no such member; the document requires it of this schema, which seven of its operations answer with. The one answer of 2024 that tells of a repository has it',
  },
  {
    kind: 'missing_required',
    name: /^(?:archived_at|search_type)$/,
    why: 'the answer is of July 2022 and has no such member; the document requires it',
  },
  {
    kind: 'missing_required',
    name: /^type$/,
    why: 'the answer is of July 2022 and its team has no such member; the document requires it',
  },
  {
    kind: 'missing_required',
    name: /^digest$/,
    why: 'the answers are of July 2022 and have no such member; the document lets it be null, and requires it',
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
    why: 'answers of these operations have documented headers, and it is none of them; nor is it documented anywhere else',
  },
  {
    kind: 'undocumented_header',
    name: /^x-github-/,
    why: 'answers of these operations have documented headers, and it is none of them; nor is it documented anywhere else',
  },
  {
    kind: 'undocumented_endpoint',
    name: /projects/,
    why: 'answered in 2022; the projects of the document are `projectsV2`, and no path of it has columns or cards of a project',
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
    why: 'all references were listed so in 2022. The document has `/git/matching-refs/{ref}` for that, and only POST at `/git/refs`',
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
    why: 'it is a remark on the document, not on the traffic: schemas have `nullable: true` beside `oneOf` or `anyOf`, without `type`. To 3.0.3 it means nothing there (it adds null "only if `type` is explicitly defined within the same Schema Object"), which is no ban; linters, redocly among them, advise against it, and its validator refuses to compile. So 36 messages are counted as errors and are not judged; Plumbline judges them: one lacks `search_type`, 35 keep to their schemas as far as both its judges can tell',
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
