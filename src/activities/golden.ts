import { readGoldenCases, type GoldenCase, type GoldenProblem } from '../domain/dataset/golden.js';
import type { Specification } from '../domain/spec/specification.js';
import { PortError, type Ports } from './ports.js';
import { loadVerified } from './specifications.js';

/** The cases of a frozen golden set, its digest checked on every read; type `InvalidInput` names the bad lines. */
export async function loadGolden({
  store,
  golden,
}: {
  store: Ports['store'];
  golden: Specification['golden'];
}): Promise<GoldenCase[]> {
  const body = await loadVerified({ store, ref: golden.ref });
  const { cases, problems } = readGoldenCases({ text: Buffer.from(body).toString('utf8') });
  refuseGolden({ golden, problems });
  return cases;
}

/** Throws a PortError `InvalidInput` with the first problems, where there are any. */
export function refuseGolden({
  golden,
  problems,
}: {
  golden: Specification['golden'];
  problems: readonly GoldenProblem[];
}): void {
  if (problems.length === 0) return;
  const named = problems.slice(0, 10).map((one) => `line ${one.line}, ${one.field}: ${one.expected}`);
  throw new PortError('InvalidInput', `golden set ${golden.name} ${golden.version}: ${named.join('; ')}`);
}
