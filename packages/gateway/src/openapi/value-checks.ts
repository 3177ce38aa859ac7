import type { ValueCheck, ValueFault } from '@steadygate/core';
import type { SchemaValidateFunction } from 'ajv';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

import { FORMATS } from './formats.ts';
import { type LinearPattern, linearPattern } from './linear-pattern.ts';
import { CALL } from './schema-writer.ts';

type Definitions = Readonly<Record<string, unknown>>;

/** Gives checks by the names of definitions. */
export interface Checks {
  check(name: string): ValueCheck;
}

const ID = 'sg:api';
const NAME_CHARS = 64;

type Functions = (name: string) => ValidateFunction;

/**
 * Compiles definitions with Ajv, those of `names` now. A check that needs one fault stops at it; one that may name several is
 * compiled when it first has to, since most values are right.
 *
 * @throws Error when something cannot be compiled
 */
export function compileChecks(definitions: Definitions, names: readonly string[]): Checks {
  const quick = functionsOf(definitions, false);
  for (const name of names) quick(name);
  let thorough: Functions | undefined;
  return {
    check: (name) => (value, most) => {
      const first = quick(name);
      if (first(value)) return [];
      if (most === 1) return faultsOf(first.errors, most);
      thorough ??= functionsOf(definitions, true);
      const { errors } = first;
      const all = thorough(name);
      return faultsOf(all(value) ? errors : all.errors, most);
    },
  };
}

/** Each function is compiled when it is first asked for. */
function functionsOf(definitions: Definitions, allErrors: boolean): Functions {
  const compiled = new Map<string, ValidateFunction>();
  const ajv = ajvOf({ definitions, allErrors, functions: (name) => functionOf(name) });
  function functionOf(name: string): ValidateFunction {
    const known = compiled.get(name) ?? ajv.compile({ $ref: `${ID}#/$defs/${name}` });
    compiled.set(name, known);
    return known;
  }
  return functionOf;
}

interface AjvParts {
  readonly definitions: Definitions;
  readonly allErrors: boolean;
  readonly functions: Functions;
}

function ajvOf({ definitions, allErrors, functions }: AjvParts): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    // `constructor` is a property when the value has it, not when every object does.
    ownProperties: true,
    multipleOfPrecision: 9,
    logger: false,
    code: { regExp: Object.assign(engine, { code: '' }) },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', errors: false, validate: isUnique });
  ajv.addKeyword({ keyword: CALL, schemaType: 'string', errors: 'full', validate: calling(functions) });
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  ajv.addSchema({ $id: ID, $defs: definitions });
  return ajv;
}

/** Judges a value by a function of its own, whose faults lie below where the value stands. */
function calling(functions: Functions): SchemaValidateFunction {
  const validate: SchemaValidateFunction = (name: string, value: unknown, ...[, place]): boolean => {
    const inner = functions(name);
    if (inner(value)) return true;
    const at = place?.instancePath ?? '';
    validate.errors = (inner.errors ?? []).map((error) => ({ ...error, instancePath: at + error.instancePath }));
    return false;
  };
  return validate;
}

/** The documents' patterns were judged as they were read. */
function engine(source: string): LinearPattern {
  const pattern = linearPattern(source);
  if ('problem' in pattern) throw new Error(`a pattern ${pattern.problem}`);
  return pattern;
}

/** Ajv compares each element with each; this takes time in proportion to the list. */
function isUnique(isWanted: boolean, list: readonly unknown[]): boolean {
  return !isWanted || new Set(list.map(sortedText)).size === list.length;
}

function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function faultsOf(errors: ValidateFunction['errors'], most: number): readonly ValueFault[] {
  const faults = new Map<string, ValueFault>();
  for (const error of errors ?? []) {
    const fault = faultOf(error);
    faults.set(`${fault.pointer} ${fault.rule}`, fault);
    if (faults.size >= most) break;
  }
  return [...faults.values()];
}

function faultOf({ instancePath, keyword, params, message }: ErrorObject): ValueFault {
  const pointer = (name: unknown): string => `${instancePath}/${escaped(String(name))}`;
  switch (keyword) {
    case 'required':
      return { pointer: pointer(params['missingProperty']), rule: 'is missing' };
    case 'additionalProperties':
      return { pointer: pointer(params['additionalProperty']), rule: 'is not a known property' };
    case 'unevaluatedProperties':
      return { pointer: pointer(params['unevaluatedProperty']), rule: 'is not a known property' };
    case 'false schema':
      return { pointer: instancePath, rule: 'must not be sent' };
    case 'uniqueItems':
      return { pointer: instancePath, rule: 'must not hold an item twice' };
    default:
      return { pointer: instancePath, rule: message ?? keyword };
  }
}

/** RFC 6901 §3. */
function escaped(name: string): string {
  return name.slice(0, NAME_CHARS).replaceAll('~', '~0').replaceAll('/', '~1');
}
