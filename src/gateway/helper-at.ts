import { helperTokens } from '../activities/retrieval/retrieval-helpers.js';
import { Cancellation } from './cancellation.js';
import type { GroundingOptions } from './grounding.js';
import type { ReleaseUpstream } from './upstream.js';

/** Models at the endpoints of releases, as retrieval asks them for rewrites and judgements. */
export const helperAt =
  ({
    upstream,
    timeoutMilliseconds,
  }: {
    upstream: ReleaseUpstream;
    timeoutMilliseconds: number;
  }): GroundingOptions['askAt'] =>
  ({ target, model }) =>
  async (prompt, signal) => {
    const cancellation = new Cancellation();
    const cancel = (): void => cancellation.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const { text } = await upstream.complete({
        target: { ...target, adapter: model },
        request: { messages: [{ role: 'user', content: prompt }], max_tokens: helperTokens, temperature: 0 },
        timeoutMilliseconds,
        cancellation,
      });
      return text;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
