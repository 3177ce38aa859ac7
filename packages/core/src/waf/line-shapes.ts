/* Every repetition has a bound, and each line is read from its beginning only: linear, whatever the lines hold. */

const CODE_START =
  /^(?:import |from |foreach |while ?\(|else\b|elif |done\b|end\b|\$\w{1,40} ?[=.[]|[A-Z][a-z]{1,16}-[A-Z]\w{1,30} -|const |let |var |def |class |function |export |return |if ?\(|for ?\(|#include|package |public |private |using |SELECT |INSERT |CREATE |UPDATE |DELETE |(?:JOIN|LEFT|INNER|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|VALUES|SET|FROM|WITH|JOIN) [\w("]|\/\/|\/\*|#!|<\/?[\w%#]|<%|\{[{%]|\}|\{|@\w|:\w{1,24}$|set \w{1,24}=|if "|for \/f |\$ |(?:FROM|RUN|CMD|COPY|ENV|WORKDIR|EXPOSE|ENTRYPOINT|USER|ARG|ADD|LABEL) |[A-Za-z_][\w.-]{0,64} ?[:=({]|- \w|"[\w-]{1,64}" ?:|[+-]{1,3} )/;
const PAGE_START = /^\s{0,64}<(?:!doctype html|html)[\s>]/i;
/** Elements that end: a page has more of them than a payload. */
const PAGE_ENDS_MIN = 4;
const CODE_ENDS = new Set([';', '{', '}', ',', '(', '[', '\\']);
const LOG_START =
  /^(?:\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\[?\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d |\d{1,3}(?:\.\d{1,3}){3} \S{1,40} \S{1,40} \[|\[?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|TRACE)\b|at [\w$.<>/[\] -]{1,120}(?:\(|:\d)|at async |File "|Traceback \(|Caused by: |(?:[a-z]\w{0,24}\.){0,6}\w{1,40}(?:Error|Exception|Warning): |panic: |goroutine \d|thread '|npm ERR!|PHP \w{1,12}(?: \w{1,12})?: |ModSecurity: |\+ [\w/]|\$ [\w/]|\{"(?:level|time|timestamp|ts|@timestamp)":)/;

/** Whether at least half of the lines are written as programs and configurations are; three lines at least. */
export function isCode(sample: string): boolean {
  if (PAGE_START.test(sample) && sample.split('</').length > PAGE_ENDS_MIN) return true;
  const lines = linesOf(sample);
  return lines.length >= 3 && lines.filter(isCodeLine).length * 2 >= lines.length;
}

/** Whether the text begins as logs, traces and transcripts of terminals do, on each of `linesMin` lines at least. */
export function isLog(sample: string, linesMin: number): boolean {
  let count = 0;
  for (const line of linesOf(sample)) if (LOG_START.test(line)) count += 1;
  return count >= linesMin;
}

function linesOf(sample: string): readonly string[] {
  return sample
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isCodeLine(line: string): boolean {
  return CODE_ENDS.has(line.charAt(line.length - 1)) || CODE_START.test(line);
}

/** For a test that reads them: all patterns of this file. */
export const LINE_PATTERNS: readonly RegExp[] = [CODE_START, PAGE_START, LOG_START];
