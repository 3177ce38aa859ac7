import type { Field } from './field.ts';
import { percentDecoded } from './percent.ts';
import { mayHoldText, type Profile, profileOfName, profileOfText } from './profile.ts';

/* People and programs choose these at random, quotes and dashes included. */
const SECRET_NAME = /(?:passw(?:or)?d|passphrase|secret|token|signature)$/i;
/* What people and models tell each other: they quote attacks, and no interpreter reads it. */
const TURN = /^body:\$\.(?:messages|input|contents|history|turns|conversation)\[\d+\]\.(?:content|parts|text)\b/;
/* Names of values that are not even a sentence: words around an attack excuse nothing there. */
const TOKEN_NAME =
  /^(?:.{0,40}_)?(?:ids?|uuid|page|sort|order_?by|limit|offset|cursor|lang|locale|type|status|phone|zip|port|ip|date|slug|user_?name|login|e?mail|file_?name|path|dir|folder|view|theme|currency|country_?code)$/i;
/* Names of values that are no documents: who sends one there quotes at most. */
const PLAIN_NAME =
  /^(?:ids?|uuid|s|search|(?:user|first|last|full|nick|display)?_?name|user|login|e?mail|page|sort|order|filter|lang|locale|type|status|phone|city|country|zip|slug|path|file_?name|ur[il]|host|ip|port|date|limit|offset|cursor|action)$/i;
/* Two steps into a document at least. */
const NESTED = /^body:\$[.[][^.[]+[.[][^.[]*[.[]/;
const FORM_CODE_CHARS_MIN = 240;

/** What a field holds by what its value looks like, and else by its name and place. `path` is the field's own. */
export function profileOfField(field: Field, path: string): Profile {
  if (!mayHoldText(field.kind) || TOKEN_NAME.test(field.name)) return 'default';
  const looks = profileOfText(isFlat(field) ? percentDecoded(field.value) : field.value);
  if (looks !== undefined) return placed(looks, field, path);
  if (SECRET_NAME.test(field.name)) return 'secret';
  // The values of a document were read one by one: what is left are signs that its punctuation makes.
  const otherwise = field.isDocument === true ? 'text' : 'default';
  if (field.kind !== 'json') return otherwise;
  return profileOfName({ ...field, isNested: NESTED.test(path) }) ?? otherwise;
}

/** Source code comes in documents and files; in a form it is a text that has some. Prose in a conversation may quote it. */
function placed(looks: Profile, field: Field, path: string): Profile {
  if (looks === 'text') return TURN.test(path) ? 'markdown' : looks;
  if (PLAIN_NAME.test(field.name)) return 'text';
  if (looks !== 'code') return looks;
  if (isFlat(field)) return field.value.length < FORM_CODE_CHARS_MIN ? 'default' : 'text';
  return field.kind === 'xml' ? 'default' : looks;
}

function isFlat({ kind }: Field): boolean {
  return kind === 'form' || kind === 'query';
}
