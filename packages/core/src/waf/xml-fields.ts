import { fieldAt, type FieldVisitor } from './field.ts';

const TEXT = /(?<=>)[^<>]+(?=<)/g;
// Not from within a name: each of its letters would be tried as a beginning.
const ATTRIBUTE = /(?<![\w:.-])([\w:.-]+)\s?=\s?(?:"([^"]*)"|'([^']*)')/g;
const CDATA = '<![CDATA[';

/** Visits declarations, texts and attribute values of XML, and what stands in CDATA. Never resolves anything. */
export function visitXml(text: string, visit: FieldVisitor): boolean {
  const declarations = text.includes('<!') || /xinclude|schemalocation|<xsl:|<xs\w?:/i.test(text);
  if (declarations && visit(fieldAt('xml', 'body', { name: '', value: declared(text) }))) return true;
  return visitCdata(text, visit) || visitTexts(text, visit) || visitAttributes(text, visit);
}

/** The markup without its texts: entities, document types, inclusions. */
function declared(text: string): string {
  const marks =
    text.match(
      /<!DOCTYPE[^[>]*(?:\[[^\]]*\]?)?>?|<![^>]*>?|<\?[^>]*>?|<(?:x[is]\w?|xsl):[^>]*>?|<[^<>]*schemalocation[^<>]*>?/gi,
    ) ?? [];
  return marks.filter((mark) => !mark.startsWith(CDATA)).join('\n');
}

function visitCdata(text: string, visit: FieldVisitor): boolean {
  let at = text.indexOf(CDATA);
  while (at >= 0) {
    const end = text.indexOf(']]>', at);
    const value = text.slice(at + CDATA.length, end < 0 ? undefined : end);
    if (visit(fieldAt('xml', 'body', { name: '', value }))) return true;
    at = end < 0 ? -1 : text.indexOf(CDATA, end);
  }
  return false;
}

function visitTexts(text: string, visit: FieldVisitor): boolean {
  return (text.match(TEXT) ?? []).some((value) => {
    const bare = value.trim();
    return bare !== '' && visit(fieldAt('xml', 'body', { name: '', value: bare }));
  });
}

function visitAttributes(text: string, visit: FieldVisitor): boolean {
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? '';
    const isNamespace = name.startsWith('xmlns') || name.toLowerCase().endsWith('schemalocation');
    if (value !== '' && !isNamespace && visit(fieldAt('xml', `body:@${name}`, { name, value }))) return true;
  }
  return false;
}
