import { startScriptedUpstream } from '../support/scripted-upstream.js';
import { describeSupportAssistant } from './support/support-assistant.js';

/** The numbered snippets of a prompt, without their numbers and headings. */
const snippets = (prompt: string): string =>
  prompt
    .split('\n')
    .filter((line) => /^\[\d+\] /.test(line))
    .map((line) => line.replace(/^\[\d+\] /, ''))
    .join(' ');

describe('the support assistant over a stand-in that repeats what it is given', function () {
  this.timeout(60_000);
  describeSupportAssistant({
    open: async () => {
      const upstream = await startScriptedUpstream();
      const adapter = 'repeats';
      upstream.script({
        model: adapter,
        each: ({ messages }) => ({ answer: snippets(messages.at(-1)!.content) || 'Nothing was given.' }),
      });
      return { adapter, endpoint: upstream.endpoint, close: () => upstream.close() };
    },
  });
});
