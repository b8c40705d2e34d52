import { expect } from 'chai';
import type { ChatModel } from '../../src/activities/ports.js';

/** What every chat model must do. `target` names an endpoint that answers. */
export function describeChatModel({
  name,
  open,
  target,
}: {
  name: string;
  open: () => ChatModel;
  target: () => { endpoint: string; model: string };
}): void {
  describe(`${name} keeps the contract of ChatModel`, () => {
    const ask = (signal: AbortSignal) =>
      open().complete({
        ...target(),
        messages: [{ role: 'user', content: 'When is the next-day cutoff?' }],
        maxTokens: 4,
        temperature: 0,
        signal,
      });

    it('answers with a text, what it cost and how long it took', async () => {
      const answer = await ask(new AbortController().signal);
      expect(answer.text).to.be.a('string');
      expect(answer.promptTokens).to.be.above(0);
      expect(answer.completionTokens).to.be.within(1, 4);
      expect(answer.milliseconds).to.be.above(0);
    });

    it("rejects with the signal's reason when it is aborted before or meanwhile", async () => {
      const reason = new Error('the release was cancelled');
      const caught = async (promise: Promise<unknown>): Promise<unknown> =>
        promise.then(
          () => null,
          (error: unknown) => error,
        );
      expect(await caught(ask(AbortSignal.abort(reason)))).to.equal(reason);
      const controller = new AbortController();
      const asking = caught(ask(controller.signal));
      controller.abort(reason);
      expect(await asking).to.equal(reason);
    });
  });
}
