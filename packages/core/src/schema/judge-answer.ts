import type { BodyText } from '../request.ts';
import type { ApiContent, ApiOperation } from './api.ts';
import { contentFor, readContent } from './judge-body.ts';
import type { SchemaFault } from './judge-parameters.ts';

/** An answer as it came from the application. */
export interface AnswerFacts {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  /** Undefined when it is too large, or packed in a way that nobody here reads. */
  readonly body: BodyText | undefined;
}

const FIELD = 'answer';

/** What of an answer its operation does not describe. For whoever runs the API: an answer is never changed for it. */
export function judgeAnswer({ answers }: ApiOperation, answer: AnswerFacts, most: number): readonly SchemaFault[] {
  const contents = contentsFor(answers, answer.status);
  if (contents === undefined)
    return [{ field: FIELD, pointer: '', rule: `has status ${answer.status}, which is not described` }];
  const { body } = answer;
  if (contents.length === 0 || body?.text === '') return [];
  const content = contentFor(contents, answer.type);
  if (content === undefined) return [{ field: FIELD, pointer: '', rule: 'has a type that is not described' }];
  if (body === undefined) return [{ field: FIELD, pointer: '', rule: 'cannot be read' }];
  const read = readContent(content, { body, type: answer.type });
  if (read.kind === 'fault') return [{ field: FIELD, pointer: '', rule: read.rule }];
  if (read.kind === 'absent') return [];
  return content.check(read.value, most).map((fault) => ({ ...fault, field: FIELD }));
}

/** The status itself, then its class, then the default (OpenAPI 3.1 §4.8.16). */
function contentsFor(answers: ApiOperation['answers'], status: number): readonly ApiContent[] | undefined {
  const names = [String(status), `${String(status).charAt(0)}XX`, 'default'];
  return names.map((name) => (Object.hasOwn(answers, name) ? answers[name] : undefined)).find(Boolean);
}
