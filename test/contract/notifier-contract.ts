import { expect } from 'chai';
import type { Notification, Notifier } from '../../src/activities/ports.js';

/** A notification, told apart by its key. */
export const notification = (key: string): Notification => ({
  key,
  severity: 'critical',
  title: 'support-assistant-r3 was rolled back',
  body: 'error rate 9.8 % > 2 %\nthe champion serves everybody again',
  model: 'support-assistant',
  releaseId: 'support-assistant-r3',
});

/** What every notifier must do. `sent` returns what came out at the other end so far. */
export function describeNotifier({
  name,
  open,
}: {
  name: string;
  open: () => { open: () => Notifier; sent: () => Promise<string[]> };
}): void {
  describe(`${name} keeps the contract of Notifier`, () => {
    it('sends title and body once a key, whoever asks and however often', async () => {
      const channel = open();
      const notifier = channel.open();
      await Promise.all([notifier.notify(notification('a')), notifier.notify(notification('a'))]);
      await channel.open().notify(notification('a'));
      expect(await channel.sent()).to.have.length(1);
      await notifier.notify(notification('b'));
      const sent = await channel.sent();
      expect(sent).to.have.length(2);
      expect(sent[1]).to.include('support-assistant-r3 was rolled back').and.to.include('error rate 9.8 % > 2 %');
    });
  });
}
