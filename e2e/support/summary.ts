import { missingDependencies } from './available.ts';
import { scaledDown } from './open-files.ts';

/** Runs once before all tests: says what will be skipped, and in CI refuses to skip. */
export default async function summary(): Promise<void> {
  const missing = await missingDependencies();
  for (const line of missing) console.log(line);
  const scaled = scaledDown();
  if (scaled !== undefined) console.log(scaled);
  if (missing.length > 0 && process.env['CI'] === 'true') {
    throw new Error('With CI=true every test dependency must be there.');
  }
}
