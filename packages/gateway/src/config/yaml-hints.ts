interface YamlHint {
  readonly message: string;
  readonly hint: string;
}

const INDENT = 'Indent with spaces, the same number for all keys of one block.';
const QUOTE = 'Put the value in quotes.';

/** Our own words for what the parser reports: its messages may quote the source, which may hold a secret. */
const HINTS: Readonly<Record<string, YamlHint>> = {
  BAD_ALIAS: { message: 'uses an alias that is not defined before', hint: 'Put a value that begins with * in quotes.' },
  BAD_DQ_ESCAPE: {
    message: 'has an unknown escape in double quotes',
    hint: 'Use single quotes, which know no escapes.',
  },
  BAD_INDENT: { message: 'is indented in a way that cannot be read', hint: INDENT },
  BAD_SCALAR_START: { message: 'begins with a character that YAML reserves', hint: QUOTE },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'has a key after a key on one line',
    hint: 'Put a value that holds a colon and a space in quotes.',
  },
  DUPLICATE_KEY: { message: 'has a key that stands in this block already', hint: 'Remove one of the two.' },
  MISSING_CHAR: {
    message: 'lacks a character, such as a closing quote or bracket, or a space',
    hint: 'Look at this line and those before it.',
  },
  MULTILINE_IMPLICIT_KEY: { message: 'has a key that spans lines', hint: 'Look for a missing colon.' },
  MULTIPLE_DOCS: { message: 'begins a second document', hint: 'Remove the line `---`.' },
  NON_STRING_KEY: { message: 'has a key that is not text', hint: 'Write keys as plain names.' },
  TAB_AS_INDENT: { message: 'is indented with a tab', hint: INDENT },
  TAG_RESOLVE_FAILED: {
    message: 'has a tag',
    hint: 'Remove the word with the exclamation mark, or put the value in quotes.',
  },
  UNEXPECTED_TOKEN: { message: 'has something that YAML does not expect here', hint: QUOTE },
};

const OTHER: YamlHint = { message: 'is not valid YAML', hint: `Look at this line and the one before it. ${INDENT}` };

/** What to say of one of the parser's error codes. */
export function yamlHint(code: string): YamlHint {
  return HINTS[code] ?? OTHER;
}
