import type { ArtifactRef } from '../domain/artifact-ref.js';
import { renderPrompt, promptSchema } from '../domain/release/prompt.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { storeKeys } from '../contracts/store-keys.js';
import { cancellationSignal, heartbeat, pause } from './heartbeat.js';
import { PortError, type Ports, type ServedRelease } from './ports.js';

const readyDeadlineMilliseconds = 10 * 60_000;
const smokeTokens = 96;

/** Serving a release, asking it known questions, ending it. */
export function createServingActivities({ store, serving, chat }: Pick<Ports, 'store' | 'serving' | 'chat'>) {
  async function ask({ target, query }: { target: Target; query: string }): Promise<string> {
    const stored = await store.get({ key: storeKeys.prompt({ releaseId: target.releaseId }) });
    const prompt = promptSchema.parse(stored ? JSON.parse(Buffer.from(stored.body).toString()) : {});
    const { text } = await chat.complete({
      endpoint: target.endpoint,
      model: target.adapter,
      messages: renderPrompt({ prompt, query }),
      maxTokens: Math.min(prompt.maxTokens, smokeTokens),
      temperature: 0,
      signal: cancellationSignal(),
    });
    return text;
  }

  return {
    /** Get or create, then wait until a request would be answered. */
    async deployRelease(input: {
      model: string;
      releaseId: string;
      base: string;
      adapter: ArtifactRef | null;
    }): Promise<ServedRelease> {
      const began = Date.now();
      const served = await serving.deploy(input);
      for (;;) {
        const { ready, reason } = await serving.readiness({ releaseId: input.releaseId });
        if (ready) return served;
        const waited = Date.now() - began;
        if (waited > readyDeadlineMilliseconds)
          throw new PortError(
            'Unavailable',
            `${input.releaseId} is not ready after ${Math.round(waited / 1000)} s > ${readyDeadlineMilliseconds / 1000} s: ${reason}`,
          );
        heartbeat({ reason });
        await pause(500);
      }
    },

    /** One verdict a question; an endpoint that does not answer is `unmeasured`, never a pass. */
    async smokeTest({
      releaseId,
      target,
      questions,
    }: {
      releaseId: string;
      target: Target;
      questions: { query: string; contains: string }[];
    }): Promise<Verdict[]> {
      const asked = questions.length > 0 ? questions : [{ query: 'Hello', contains: '' }];
      return await Promise.all(
        asked.map(async ({ query, contains }): Promise<Verdict> => {
          const common = { gate: `smoke: ${query}`, value: null, bound: null, limit: null, evidence: null };
          try {
            const answer = await ask({ target, query });
            const good = answer.trim() !== '' && answer.toLowerCase().includes(contains.toLowerCase());
            const wanted = contains === '' ? 'any text' : `"${contains}"`;
            return {
              ...common,
              verdict: good ? 'pass' : 'fail',
              n: 1,
              reason: `${releaseId} answered "${answer.slice(0, 200)}", expected ${wanted} in it`,
            };
          } catch (error) {
            if (cancellationSignal().aborted) throw error;
            return {
              ...common,
              verdict: 'unmeasured',
              n: 0,
              reason: `${releaseId} did not answer "${query}": ${(error as Error).message}`,
            };
          }
        }),
      );
    },

    async retireRelease({ model, releaseId }: { model: string; releaseId: string }): Promise<void> {
      await serving.retire({ model, releaseId });
    },
  };
}
