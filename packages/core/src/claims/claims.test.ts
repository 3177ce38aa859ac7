import { describe, expect, it } from 'vitest';
import { CLAIMS } from './claims.ts';

describe('claims', () => {
  it('are one for each control, under an id of the catalogue', () => {
    const ids = CLAIMS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^(?:SB|AU|WK|SS)[1-9]\d?$/);
    expect(ids.length).toBe(48);
  });

  it.each(CLAIMS)('$id is one plain sentence with requirements that exist in form', ({ claim, asvs, soc2 }) => {
    expect(claim).toMatch(/^[A-Z][^\n]{20,150}\.$/);
    expect(asvs.length).toBeGreaterThan(0);
    for (const id of asvs) expect(id).toMatch(/^(?:[1-9]|1[0-7])\.[1-9]\.\d{1,2}$/);
    expect(soc2.length).toBeGreaterThan(0);
    for (const id of soc2) expect(id).toMatch(/^CC[1-9]\.\d$/);
  });
});
