import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { TrafficRouter } from '../../src/activities/ports.js';
import { type PlanChange, type PlanOwner, type Target, championOnly } from '../../src/domain/rollout/traffic-plan.js';
import { expectPortError } from './support/expect-port-error.js';

const target = (releaseId: string): Target => ({
  releaseId,
  endpoint: `http://${releaseId}.models.svc:8000/v1`,
  adapter: releaseId,
  promptDigest: null,
  indexVersion: null,
});
const owner = (epoch: number, workflowId = 'rollout:m-r2'): PlanOwner => ({ workflowId, epoch });
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
const canary = (share: number): PlanChange => ({
  challenger: target('m-r2'),
  challengerShare: share,
  leaseUntil: inMinutes(10),
  reason: `canary ${share * 100} %`,
});
const promotion: PlanChange = { champion: target('m-r1'), reason: 'first release' };

/** What every traffic router must do. `open` returns the same router again, as another process would see it. */
export function describeTrafficRouter({ name, open }: { name: string; open: () => TrafficRouter }): void {
  describe(`${name} keeps the contract of TrafficRouter`, () => {
    let router: TrafficRouter;
    let model: string;
    const write = (change: PlanChange, by = owner(1), expectedRevision: number | null = null) =>
      router.write({ model, owner: by, change, expectedRevision });

    beforeEach(() => {
      router = open();
      model = `model-${randomUUID()}`;
    });

    it('has no plan before the first promotion, and needs a champion for the first', async () => {
      expect(await router.read({ model })).to.equal(null);
      await expectPortError(write(canary(0.05)), 'InvalidInput', 'the first revision needs a champion');
      await expectPortError(write(promotion, owner(1), 3), 'Conflict', 'revision 0 stands, revision 3 was expected');
    });

    it('raises the revision by one and keeps the salt of the first plan', async () => {
      const first = await write(promotion);
      const second = await write(canary(0.05), owner(1), 1);
      const third = await write(canary(0.25), owner(1), 2);
      expect([first, second, third].map((plan) => plan.revision)).to.deep.equal([1, 2, 3]);
      expect(new Set([first, second, third].map((plan) => plan.salt))).to.have.property('size', 1);
      expect(first.salt).to.have.length.at.least(16);
      expect(third.lease!.fallback).to.deep.equal(target('m-r1'));
      expect(await open().read({ model })).to.deep.equal(third);
    });

    it('gives every model a salt of its own', async () => {
      const first = await write(promotion);
      model = `model-${randomUUID()}`;
      expect((await write(promotion)).salt).not.to.equal(first.salt);
    });

    it('does not write the same change of the same owner on top of itself', async () => {
      await write(promotion);
      const second = await write(canary(0.05), owner(1), 1);
      expect(await write(canary(0.05), owner(1), 1)).to.deep.equal(second);
      expect(await write(canary(0.05))).to.deep.equal(second);
      expect(await write({ ...canary(0.05), leaseUntil: inMinutes(20) }, owner(1), 1)).to.deep.equal(second);
      expect((await write({ ...canary(0.05), reason: 'the step starts again' })).revision).to.equal(3);
    });

    it('refuses a repeated change once a newer plan stands', async () => {
      await write(promotion);
      await write(canary(0.05), owner(1), 1);
      await write(championOnly('guard'), owner(1), 2);
      await expectPortError(write(canary(0.05), owner(1), 1), 'Conflict', 'revision 3 stands, revision 1 was expected');
      expect((await router.read({ model }))!.challengerShare).to.equal(0);
    });

    it('fences an older epoch and another workflow of the same epoch', async () => {
      await write(promotion, owner(2));
      await expectPortError(write(canary(0.05), owner(1)), 'PlanFenced', 'epoch 2', 'epoch 1');
      await expectPortError(write(canary(0.05), owner(2, 'rollout:m-r9')), 'PlanFenced', 'rollout:m-r9');
      expect((await write(championOnly('rollback by a person'), owner(3, 'model:m'))).owner).to.deep.equal(
        owner(3, 'model:m'),
      );
      await expectPortError(write(canary(0.05), owner(2)), 'PlanFenced');
    });

    it('refuses a share without a lease', async () => {
      await write(promotion);
      await expectPortError(write({ ...canary(0.05), leaseUntil: null }), 'InvalidInput', 'needs a lease');
    });

    it('moves the lease forward without a new revision, never back', async () => {
      await write(promotion);
      const plan = await write(canary(0.05));
      const until = inMinutes(20);
      const renewed = await router.renewLease({ model, revision: 2, owner: owner(1), until });
      expect(renewed).to.deep.equal({ ...plan, lease: { ...plan.lease!, until } });
      expect(await router.renewLease({ model, revision: 2, owner: owner(1), until: inMinutes(5) })).to.deep.equal(
        renewed,
      );
      expect(await router.read({ model })).to.deep.equal(renewed);
    });

    it('renews nothing but the plan that is named', async () => {
      const until = inMinutes(20);
      expect(await router.renewLease({ model, revision: 1, owner: owner(1), until })).to.equal(null);
      await write(promotion);
      expect(await router.renewLease({ model, revision: 1, owner: owner(1), until })).to.equal(null);
      const plan = await write(canary(0.05));
      expect(await router.renewLease({ model, revision: 1, owner: owner(1), until })).to.equal(null);
      expect(await router.renewLease({ model, revision: 2, owner: owner(2), until })).to.equal(null);
      expect(await router.renewLease({ model, revision: 2, owner: owner(1, 'other'), until })).to.equal(null);
      expect(await router.read({ model })).to.deep.equal(plan);
    });

    it('does not revive a lease that has lapsed, and writes the step again as a new revision', async () => {
      await write(promotion);
      const lapsed = await write({ ...canary(0.05), leaseUntil: new Date(Date.now() - 1).toISOString() });
      const until = inMinutes(10);
      expect(await router.renewLease({ model, revision: 2, owner: owner(1), until })).to.equal(null);
      expect(await router.read({ model })).to.deep.equal(lapsed);
      expect((await write(canary(0.05), owner(1), 2)).revision).to.equal(3);
    });

    it('lets a rollback win against a crowd of renewals and late writers', async () => {
      await write(promotion);
      await write(canary(0.05), owner(1), 1);
      const crowd = Array.from({ length: 30 }, (_, at) =>
        at % 2
          ? open().renewLease({ model, revision: 2, owner: owner(1), until: inMinutes(20 + at) })
          : open().write({ model, owner: owner(1), change: canary(0.5), expectedRevision: 2 }),
      );
      const rollback = open().write({ model, owner: owner(2), change: championOnly('guard'), expectedRevision: null });
      const ended = await Promise.allSettled([...crowd, rollback]);
      expect(ended.at(-1)!.status).to.equal('fulfilled');
      const last = await router.read({ model });
      expect(last).to.include({ challengerShare: 0, lease: null });
      expect(last!.owner).to.deep.equal(owner(2));
      await expectPortError(write(canary(0.5)), 'PlanFenced');
    });

    it('of 10 writers on one revision lets one change through', async () => {
      await write(promotion);
      const ended = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) =>
          open().write({ model, owner: owner(1), change: canary((at + 1) / 100), expectedRevision: 1 }),
        ),
      );
      expect(ended.filter((one) => one.status === 'fulfilled')).to.have.length(1);
      expect((await router.read({ model }))!.revision).to.equal(2);
    });
  });
}
