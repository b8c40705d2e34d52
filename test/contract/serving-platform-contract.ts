import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { ServingPlatform } from '../../src/activities/ports.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { expectPortError } from './support/expect-port-error.js';

/**
 * What every serving platform must do. `open` returns the same platform again, as another worker would see it;
 * `ask` asks a served release for an answer and rejects where there is none.
 */
export function describeServingPlatform({
  name,
  open,
  base,
  adapter,
  ask,
  withinMilliseconds,
}: {
  name: string;
  open: () => ServingPlatform;
  base: string;
  adapter: () => ArtifactRef;
  ask: (served: { endpoint: string; adapter: string }) => Promise<string>;
  withinMilliseconds: number;
}): void {
  describe(`${name} keeps the contract of ServingPlatform`, function () {
    this.timeout(2 * withinMilliseconds);
    const model = 'parcels';
    const deploy = (releaseId: string, withAdapter = true) =>
      open().deploy({ model, releaseId, base, adapter: withAdapter ? adapter() : null });
    const ready = async (releaseId: string): Promise<void> => {
      const deadline = Date.now() + withinMilliseconds;
      for (;;) {
        const { ready: done, reason } = await open().readiness({ releaseId });
        if (done) return;
        if (Date.now() > deadline) throw new Error(`${releaseId} is not ready: ${reason}`);
        await pause(200);
      }
    };

    it('says that a release which nobody deployed is not ready, and retires it without an error', async () => {
      expect(await open().readiness({ releaseId: 'parcels-r9' })).to.deep.equal({
        ready: false,
        reason: 'parcels-r9 is not deployed',
      });
      await open().retire({ model, releaseId: 'parcels-r9' });
      expect(await open().served({ model })).to.deep.equal([]);
    });

    it('has room while nobody asks, and quotes what it saw', async () => {
      const { enough, reason } = await open().capacity({ model, releaseId: 'parcels-r9', base });
      expect(enough, reason).to.equal(true);
      expect(reason).to.not.equal('');
    });

    it('serves a release, twice deployed as well as once', async () => {
      const served = await deploy('parcels-r1');
      expect(await deploy('parcels-r1')).to.deep.equal(served);
      await ready('parcels-r1');
      expect(await ask(served)).to.be.a('string');
      expect(served.endpoint).to.match(/\/v1$/);
      expect(served.liveEndpoint).to.match(/\/v1$/);
    });

    it('serves several at once, the base too, and names those of a model', async () => {
      const [second, plain] = await Promise.all([deploy('parcels-r2'), deploy('parcels-r3', false)]);
      await Promise.all([ready('parcels-r2'), ready('parcels-r3')]);
      await Promise.all([ask(second), ask(plain)]);
      expect((await open().served({ model })).sort()).to.deep.equal(['parcels-r1', 'parcels-r2', 'parcels-r3']);
      expect(await open().served({ model: 'other' })).to.deep.equal([]);
    });

    it('retires one and leaves the others', async () => {
      await open().retire({ model, releaseId: 'parcels-r2' });
      await open().retire({ model, releaseId: 'parcels-r2' });
      expect((await open().served({ model })).sort()).to.deep.equal(['parcels-r1', 'parcels-r3']);
      expect((await open().readiness({ releaseId: 'parcels-r2' })).ready).to.equal(false);
      expect((await open().readiness({ releaseId: 'parcels-r1' })).ready).to.equal(true);
    });

    it('refuses a base that it does not serve and an adapter that is not there', async () => {
      await expectPortError(
        open().deploy({ model, releaseId: 'parcels-r4', base: 'nobody/nothing', adapter: null }),
        'InvalidInput',
        'nobody/nothing',
        base,
      );
      const gone = { ...adapter(), uri: 'store://releases/gone/adapter/adapter-files.json' };
      await expectPortError(
        open().deploy({ model, releaseId: 'parcels-r4', base, adapter: gone }),
        'NotFound',
        'releases/gone',
      );
      expect(await open().served({ model })).not.to.include('parcels-r4');
    });
  });
}
