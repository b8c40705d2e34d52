import { expect } from 'chai';
import { simulateCanaries } from '../../src/client/simulation/simulate-canaries.js';
import { canaryScenarios } from '../../src/domain/simulation/canary-scenarios.js';

describe('canaries keep their promises, 10,000 of each kind', function () {
  this.timeout(3_600_000);
  for (const scenario of canaryScenarios.filter(({ target }) => target.kind !== 'shown'))
    it(`${scenario.name}: ${scenario.about}`, async () => {
      const [figures] = await simulateCanaries({ scenarios: [scenario], runs: 10_000, seed: 5 });
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      expect(figures!.reason).to.equal(null);
      expect(figures!.ok).to.equal(true);
    });
});
