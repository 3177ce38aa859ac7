import type { ValueCheck, ValueFault } from '@steadygate/core';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

import { FORMATS } from './formats.ts';
import { type LinearPattern, linearPattern } from './linear-pattern.ts';

type Definitions = Readonly<Record<string, unknown>>;

/** Compiles checks by the names of definitions. */
export interface CheckCompiler {
  /** @throws Error when the definitions cannot be compiled */
  check(name: string): ValueCheck;
}

const ID = 'sg:api';
const NAME_CHARS = 64;

/**
 * Compiles definitions with Ajv. A check that needs one fault stops at it; one that may name several is compiled when it
 * first has to, since most values are right.
 */
export function checkCompiler(definitions: Definitions): CheckCompiler {
  const first = ajvOf(definitions, false);
  let all: Ajv2020 | undefined;
  return {
    check(name) {
      const quick = compiled(first, name);
      let thorough: ValidateFunction | undefined;
      return (value, most) => {
        if (quick(value)) return [];
        if (most === 1) return faultsOf(quick, most);
        thorough ??= compiled((all ??= ajvOf(definitions, true)), name);
        return thorough(value) ? faultsOf(quick, most) : faultsOf(thorough, most);
      };
    },
  };
}

function compiled(ajv: Ajv2020, name: string): ValidateFunction {
  return ajv.compile({ $ref: `${ID}#/$defs/${name}` });
}

function ajvOf(definitions: Definitions, allErrors: boolean): Ajv2020 {
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
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  ajv.addSchema({ $id: ID, $defs: definitions });
  return ajv;
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

function faultsOf({ errors }: ValidateFunction, most: number): readonly ValueFault[] {
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
