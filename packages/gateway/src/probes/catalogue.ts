import { au1 } from './au1.ts';
import { au10 } from './au10.ts';
import { au12 } from './au12.ts';
import { au2 } from './au2.ts';
import { au3 } from './au3.ts';
import { au4 } from './au4.ts';
import { au5 } from './au5.ts';
import { au8 } from './au8.ts';
import { au9 } from './au9.ts';
import type { Probe } from './probe.ts';
import { sb1 } from './sb1.ts';
import { sb11 } from './sb11.ts';
import { sb12 } from './sb12.ts';
import { sb14 } from './sb14.ts';
import { sb15 } from './sb15.ts';
import { sb16 } from './sb16.ts';
import { sb18 } from './sb18.ts';
import { sb2 } from './sb2.ts';
import { sb20 } from './sb20.ts';
import { sb21 } from './sb21.ts';
import { sb22 } from './sb22.ts';
import { sb26 } from './sb26.ts';
import { sb27 } from './sb27.ts';
import { sb3 } from './sb3.ts';
import { sb4 } from './sb4.ts';
import { sb5 } from './sb5.ts';
import { sb6 } from './sb6.ts';
import { sb7 } from './sb7.ts';
import { sb8 } from './sb8.ts';
import { sb9 } from './sb9.ts';
import { ss10 } from './ss10.ts';
import { ss9 } from './ss9.ts';
import { ss15 } from './ss15.ts';
import { ss6 } from './ss6.ts';
import { wk1 } from './wk1.ts';
import { wk10 } from './wk10.ts';
import { wk11 } from './wk11.ts';
import { wk12 } from './wk12.ts';
import { wk13 } from './wk13.ts';
import { wk14 } from './wk14.ts';
import { wk15 } from './wk15.ts';
import { wk16 } from './wk16.ts';
import { wk17 } from './wk17.ts';
import { wk2 } from './wk2.ts';
import { wk3 } from './wk3.ts';
import { wk4 } from './wk4.ts';
import { wk6 } from './wk6.ts';
import { wk8 } from './wk8.ts';
import { wk9 } from './wk9.ts';

/** Every probe, in the order in which they run: what spends an address's attempts comes last. */
export const PROBES: readonly Probe[] = [
  [sb1, sb2, sb4, sb5, sb8, sb9, sb11, sb12, sb14, sb15, sb16, sb18, sb20, sb21, sb22, sb26, sb27],
  [au2, au4, au5, au8, au10, wk4, wk6, wk8, wk9, wk10, wk11, wk12, wk13, wk14, wk15, wk16, ss9, ss10, ss15],
  [sb3, sb6, au1, au3, au9, au12, wk1, wk2, wk3, wk17, ss6, sb7],
].flat();
