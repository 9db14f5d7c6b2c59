/** What a code means, for reports that are read far from the documentation. */
export interface CodeText {
  /** Half a sentence. */
  readonly title: string;
  /** Why it matters and what to do. */
  readonly help: string;
}

const CODES: Readonly<Record<string, CodeText>> = {
  // ---- files
  unreadable: text('A file cannot be read', 'It is not there, may not be read, is too large or no text.'),
  file_unreadable: text('A file of the contract cannot be read', 'It is not there, may not be read, or is too large.'),
  not_parsed: text('Not JSON or YAML 1.2', 'The place is where the parser stopped.'),
  not_utf8: text('Not UTF-8', 'Documents are UTF-8 text.'),
  too_many_files: text('Too many files', 'A contract has 1,000 files at most.'),

  // ---- the frame of a contract
  not_an_object: text('Not an OpenAPI document', 'An OpenAPI document is an object.'),
  unsupported_version: text(
    'Not a version of OpenAPI that is supported',
    'OpenAPI 3.0, 3.1 and 3.2 are. Swagger 2.0 can be converted, for example with swagger2openapi.',
  ),
  missing_version: text('The version is missing', '`openapi` and `info.version` must be there, as text.'),
  missing_info: text('`info` is missing', 'It must hold title and version.'),
  missing_title: text('`info.title` is missing', 'The specification asks for it.'),
  missing_paths: text('Nothing to hold traffic against', 'A document needs `paths`; since 3.1 `webhooks` or `components` will do.'),
  missing_responses: text(
    'An operation without responses',
    'OpenAPI 3.0 asks for them; since 3.1 they are optional, and none is judged then.',
  ),
  missing_description: text('A response without description', 'The specification asks for it until 3.1.'),
  missing_content: text('A request body without `content`', 'Nothing of it is judged.'),
  missing_schema: text('A parameter without schema', 'Any value passes.'),
  wrong_type: text('A value of the wrong type', 'The specification, or the configuration, says what must stand here.'),
  no_operations: text('No operations', 'Every request would be undocumented.'),
  unknown_field: text('A field that means nothing here', 'It is not read: most often a slip of the pen.'),
  not_in_this_version: text(
    'Not in this version',
    'The field belongs to a later version of OpenAPI than the document names, or to a later version of Plumbline. It is not read.',
  ),
  more_problems: text('More problems of a kind', 'Of each kind a bounded number is listed.'),
  bad_self: text('`$self` is no URI reference', 'It must be one, without a fragment (OpenAPI 3.2).'),
  bad_tag: text('The tags do not fit together', 'A tag has a name of its own, and a parent that is there and is not itself.'),
  bad_deprecation: text('`x-deprecation` cannot be read', 'Dates are RFC 3339; a sunset is never before the deprecation.'),
  bad_ownership: text('`x-plumbline` cannot be read', '`owner` and `sla` are written there as in a configuration.'),

  deprecation_not_marked: text(
    '`x-deprecation` without `deprecated: true`',
    'Readers of the document do not see that something goes away.',
  ),

  // ---- references
  unresolved_reference: text('A reference to nothing', 'There is nothing at the place that `$ref` names.'),
  circular_reference: text('References in a circle', 'They lead to references only.'),
  remote_reference: text('A reference to the network', 'Nothing is fetched unless `refs: https` allows it.'),
  bad_reference: text('A reference that cannot be followed', 'It is no URI reference, or leads where references may not lead.'),
  ref_siblings: text('Keywords beside `$ref`', 'OpenAPI 3.0 ignores them; `allOf` holds both.'),

  // ---- paths and operations
  bad_path: text('A path that cannot be matched', 'It begins with /, its braces match, and each parameter has a name of its own.'),
  ambiguous_path: text('Two paths are the same', 'They differ in the names of their parameters only.'),
  undeclared_path_parameter: text('A path parameter is not declared', 'Each {name} of a path needs a parameter with `in: path`.'),
  unknown_path_parameter: text('A path parameter that the path does not have', 'The name must stand in the path, in braces.'),
  path_parameter_required: text('A path parameter must say `required: true`', 'The specification asks for it.'),
  path_with_query: text('A path with ? or #', 'It matches no request: queries are parameters.'),
  bad_method: text('Not a method', 'Methods have fields in lower case; others stand in `additionalOperations` (3.2), as they are sent.'),
  bad_server: text('A server that cannot be read', 'A server has a url, its variables have defaults.'),
  duplicate_operation_id: text('An operationId twice', 'It must be unique: metrics and configuration name operations by it.'),
  duplicate_parameter: text('A parameter twice', 'Name and place together must be unique.'),
  bad_parameter: text('A parameter that cannot be read', 'It needs `name` and `in`.'),
  bad_style: text('A style that is not for this place', 'Each place has styles of its own.'),
  bad_status: text('Not a status', 'A status code, a range such as 2XX, or `default`.'),
  bad_media_type: text('Not a media type', 'A media type or a range, as in Accept.'),
  bad_security_scheme: text('A security scheme that cannot be read', 'It needs a type and what goes with it.'),
  unknown_security_scheme: text('A security scheme that is not there', 'Requirements name schemes of `components.securitySchemes`.'),

  // ---- schemas
  bad_schema: text('A schema that means nothing', 'A keyword has a value that it cannot have: verdicts would be wrong.'),
  sloppy_schema: text('A sloppy schema', 'It is taken in the sense that was meant, which another reader may not find.'),
  bad_pattern: text('Not a pattern', 'Patterns are regular expressions of ECMA-262.'),
  legacy_pattern: text('A pattern that needs the old mode', 'It is valid without the Unicode flag only, and taken so.'),
  pattern_not_judged: text(
    'A pattern that is not judged',
    'Neither a safe engine nor the usual one can run it within bounds: what it describes is skipped.',
  ),
  unsafe_pattern: text(
    'A pattern that may take exponential time',
    'With a backtracking engine a crafted value can stop whoever matches it (ReDoS). Plumbline runs it in linear time; other clients and servers may not.',
  ),
  schema_not_judged: text('A schema that is not judged', 'What it describes is skipped (no_schema), never called valid.'),
  not_judged: text('Not judged', 'What this describes is skipped, never called valid.'),
  nullable_without_type: text('`nullable` without `type`', 'By the letter of 3.0.3 it has no effect; null passes here all the same.'),
  nullable_enum: text('`nullable`, and null is not in `enum`', 'By the letter of 3.0.3 null is refused; it passes here all the same.'),

  // ---- lints of a contract
  example_invalid: text(
    'An example breaks its own schema',
    'Either the example misleads those who read it, or the schema refuses what the service really sends. The second would be reported for live traffic too.',
  ),
  default_invalid: text('A default breaks its own schema', 'Whoever fills it in sends or gets a value that the contract forbids.'),
  examples_not_judged: text('Examples that were not looked at', 'There are too many in one document.'),
  missing_error_response: text(
    'An operation without error responses',
    'Every 4xx and 5xx will be reported as an undocumented status, and callers do not know what to expect. `default` covers all of them.',
  ),
  missing_error_schema: text('An error without a schema', 'Callers cannot tell errors apart by a stable code, and its body is not judged.'),
  missing_response_schema: text('An answer without a schema', 'Whatever body comes is not judged.'),
  no_repeat_story: text(
    'A mutation without a repeat story',
    'After a timeout nobody knows whether to send it again. Let it take an Idempotency-Key or If-Match, say `x-idempotent: true`, or configure `policies.idempotency` for its routes.',
  ),
  unreachable_path: text('A path that no request reaches', 'Another operation stands at the same path, or the path cannot be requested.'),
  overlapping_paths: text(
    'Two paths fit one request',
    'The specification leaves open which one is meant: other tools may choose the other one than Plumbline does.',
  ),

  // ---- configurations with their contracts
  no_owner: text('A contract without an owner', '`contracts.<name>.owner.team` is carried to alerts: it says whom to call.'),
  no_contract: text('An upstream without a contract', 'Nothing of its traffic is judged, and nobody notices when it changes.'),
  unreachable_operation: text('Operations that no route leads to', '`basePath`, `match.path` and `stripPrefix` do not go together.'),
  unknown_operation: text('An operation that the contract does not have', 'What is said of it would never apply.'),
  unknown_webhook: text('A webhook that the contract does not have', 'Every request of the route would be undocumented.'),
  webhooks_not_named: text('Webhooks that no route names', 'Say `webhooks: { header: X-Event }`, or how else a request names its webhook.'),
  not_a_baseline: text('Not a baseline file', 'It is an object with a list `findings`, as `plumbline drift baseline` writes it.'),
  missing_id: text('An entry of a baseline without an id', 'It is left out: the id alone says which finding is meant.'),
  wrong_id: text(
    'Not the id of a finding',
    'Ids have 16 hexadecimal digits in lower case; in YAML they stand in quotes. The entry is left out.',
  ),
  duplicate: text('A finding twice in one baseline', 'The first entry counts.'),
  too_many: text('More findings in a baseline than are kept', 'Those beyond `telemetry.limits.findings` are not read.'),
  keys_by_address: text('Idempotency keys told apart by address', 'Callers behind one address would share their keys: see `scope`.'),
};

function text(title: string, help: string): CodeText {
  return { title, help };
}

/** Of a code without a text of its own, as most of those for keys of a configuration: the words that it is made of. */
export function describe(code: string): CodeText {
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (known !== undefined) return known;
  const words = code.replaceAll('_', ' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return { title, help: 'The message says what is wrong and what is allowed.' };
}

export const DESCRIBED: readonly string[] = Object.keys(CODES);
