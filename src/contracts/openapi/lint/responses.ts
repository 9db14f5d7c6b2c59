import { kindOf, parseMediaType } from '../media/media-type.ts';
import type { OperationModel, ResponseModel } from '../model.ts';
import type { Problems } from '../document/problems.ts';
import type { LintParts } from './parts.ts';

/** What answers are not described, and so cannot be judged. */
export function lintResponses({ model, context }: LintParts): void {
  for (const operation of model.operations) lintOperation(operation, context.problems);
}

function lintOperation({ method, id, responses, responsesPlace }: OperationModel, problems: Problems): void {
  if (responses.length === 0) return;
  if (!responses.some(({ status }) => isError(status)))
    problems.warning(
      'missing_error_response',
      responsesPlace,
      `${id} documents no error: an answer of 4xx or 5xx will be an undocumented status; \`default\` would cover them`,
    );
  if (method === 'HEAD') return;
  for (const response of responses) {
    if (isError(response.status)) lintError(response, problems);
    else if (/^2/.test(response.status) && response.status !== '204' && response.status !== '205') lintSuccess(response, problems);
  }
}

function lintError({ place, content }: ResponseModel, problems: Problems): void {
  if (content.every(({ schema, mediaType }) => schema === undefined && isDescribable(mediaType)))
    problems.info(
      'missing_error_schema',
      place,
      'an error without a schema: callers cannot know what its body holds, and it is not judged',
    );
}

function lintSuccess({ place, content }: ResponseModel, problems: Problems): void {
  if (content.length === 0)
    problems.info('missing_response_schema', place, 'an answer without `content`: whatever body comes is not judged');
  for (const one of content)
    if (one.schema === undefined && isDescribable(one.mediaType))
      problems.warning('missing_response_schema', one.place, `${one.mediaType} without a schema: any value passes`);
}

function isError(status: string): boolean {
  return /^[45]/.test(status) || status === 'default';
}

/** Bytes need no schema. */
function isDescribable(mediaType: string): boolean {
  const media = parseMediaType(mediaType);
  const kind = media && kindOf(media);
  return kind === 'json' || kind === 'form';
}
