import { type Part, partsOf } from '../multipart.ts';
import { fieldAt, type FieldVisitor } from './field.ts';
import { visitPlainText } from './text-fields.ts';

/** What reading a form with parts came to. */
export type MultipartOutcome = 'stopped' | 'done' | 'malformed';

/** Visits names, file names, other header fields and contents of all parts. */
export function visitMultipart(text: string, boundary: string, visit: FieldVisitor): MultipartOutcome {
  for (const part of partsOf(text, boundary)) {
    if (part === undefined) return 'malformed';
    if (visitNames(part, visit) || visitContent(part, visit)) return 'stopped';
  }
  return 'done';
}

function visitContent({ name, files, content }: Part, visit: FieldVisitor): boolean {
  return files.length === 0
    ? visitValue(name, content, visit)
    : visitPlainText(content, { kind: 'text', place: `body:${name}`, name }, visit);
}

function visitValue(name: string, value: string, visit: FieldVisitor): boolean {
  return value !== '' && visit(fieldAt('form', `body:${name}`, { name, value }));
}

function visitNames({ name, files, head }: Part, visit: FieldVisitor): boolean {
  const place = `body:${name}`;
  if (name !== '' && visit(fieldAt('name', place, { name, value: name }))) return true;
  if (files.some((value) => value !== '' && visit(fieldAt('file', place, { name, value })))) return true;
  return head.split('\n').some((line) => {
    const value = line.slice(line.indexOf(':') + 1).trim();
    return (
      !/^content-disposition:/i.test(line) &&
      value !== '' &&
      visit(fieldAt('header', place, { name: 'content-type', value }))
    );
  });
}
