import type { ApiOperation, GateTable } from '@steadygate/core';

import type { ConfigProblem } from './config-problem.ts';
import type { Apis } from './to-openapi.ts';

/** Operations of the documents that no route judges by them, and why; each with its place in the document. */
export function unprotectedOperations(table: GateTable, apis: Apis): readonly ConfigProblem[] {
  const problems = [...apis.values()].flatMap(({ file, operations }) => {
    return operations.flatMap((operation) => {
      const reason = reasonOf(table, operation, file);
      return reason === undefined ? [] : [placed(operation, reason)];
    });
  });
  // Of a document that several routes use in their own ways.
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()];
}

function reasonOf(table: GateTable, { method, path }: ApiOperation, file: string): string | undefined {
  const policy = table.match(method, path.replaceAll(/\{[^{}]*\}/g, 'x'))?.route.policy;
  if (policy === undefined || policy.upstream === undefined) return 'no route serves it';
  if (policy.deny) return undefined;
  const { schema } = policy.guards;
  if (schema === undefined) return `${policy.config} judges nothing by a document`;
  if (schema.api.file !== file) return `${policy.config} judges by another document`;
  return schema.mode === 'shadow' ? `${policy.config} judges in shadow only` : undefined;
}

function placed({ name, config }: ApiOperation, message: string): ConfigProblem {
  const [, file = config, line = '1'] = /^(.*):(\d+)$/.exec(config) ?? [];
  const hint = 'Give its route the document in mode `enforce`, or remove the operation.';
  return { file, line: Number(line), column: 1, path: name, message, hint };
}
