/** A fenced `sh` block of a page, with the output that the page shows below it. */
export interface Example {
  readonly line: number;
  readonly commands: string;
  /** The `text` block that follows with nothing but blank lines between; undefined when there is none. */
  readonly output: string | undefined;
}

interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** Whether nothing but blank lines stands between this block and the one before. */
  readonly isAttached: boolean;
}

/** Every fenced `sh` block of a Markdown page, in order. @throws when a block is neither `sh` nor the `text` of one */
export function examplesOf(markdown: string): readonly Example[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap((block, at) => {
    const next = blocks[at + 1];
    if (block.language === 'sh') {
      const output = next?.language === 'text' && next.isAttached ? next.text : undefined;
      return [{ line: block.line, commands: block.text, output }];
    }
    if (block.language === 'text' && block.isAttached && blocks[at - 1]?.language === 'sh') return [];
    throw new Error(`Line ${block.line}: a block is "sh", or the "text" that such a one prints; else no test runs it.`);
  });
}

/** Whether output is what a page shows: `…` stands for a part of a line, and alone on a line for any lines. */
export function matches(shown: string, printed: string): boolean {
  return new RegExp(`^${shown.trim().split('\n').map(linePattern).join('')}$`).test(`${printed.trim()}\n`);
}

function linePattern(line: string): string {
  if (line.trim() === '…') return '(?:.*\\n)*?';
  return `${line.trimEnd().split('…').map(escaped).join('.*')}[ ]*\\n`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; lines: string[]; isAttached: boolean } | undefined;
  let isAttached = false;
  for (const [at, line] of markdown.split('\n').entries()) {
    if (open === undefined && line.startsWith('```')) {
      open = { line: at + 1, language: line.slice(3).trim(), lines: [], isAttached };
    } else if (open !== undefined && line === '```') {
      blocks.push({ ...open, text: open.lines.join('\n') });
      open = undefined;
      isAttached = true;
    } else if (open !== undefined) open.lines.push(line);
    else if (line.trim() !== '') isAttached = false;
  }
  if (open !== undefined) throw new Error(`Line ${open.line}: the block does not end.`);
  return blocks;
}
