import { join } from 'node:path';
import type { Judge } from '../../activities/judging/judge-port.js';
import type { JudgeSettings } from '../../config/settings.js';
import { bedrockEndpoint } from '../bedrock/bedrock-endpoint.js';
import { routedChat } from '../bedrock/routed-chat.js';
import { OpenAiChat } from '../openai-chat/openai-chat.js';
import { OpenAiChatThreads } from '../openai-chat/openai-chat-threads.js';
import { ResultLog } from '../result-log/result-log.js';
import { readRubrics, rubricFolder } from '../rubric-files/rubric-files.js';

/** More calls at once than one thread should send beside everything else. */
const mostInOneThread = 16;
/** Questions that threads hold ready, as a share of those under way, so that no connection waits for the next one. */
const heldReady = 0.5;

/** The judge that the settings name, with its results in a folder of the store; `close` lets go of their files. */
export async function openAiJudge({
  settings: { baseUrl, bedrockRegion, apiKey, timeoutMilliseconds, ...limits },
  store,
}: {
  settings: JudgeSettings;
  /** Folder of the artifact store. */
  store: string;
}): Promise<Judge & { close: () => Promise<void> }> {
  const asked = { apiKey: apiKey?.reveal() ?? null, timeoutMilliseconds };
  const threads =
    limits.concurrency > mostInOneThread ? new OpenAiChatThreads({ ...asked, concurrency: limits.concurrency }) : null;
  threads?.start();
  // Bedrock is not asked by the threads, so that nothing would hold its calls back.
  const ready = threads && bedrockRegion === null ? Math.ceil(limits.concurrency * heldReady) : 0;
  const results = new ResultLog({ folder: join(store, 'cache', 'judgements') });
  return {
    endpoint: baseUrl ?? bedrockEndpoint(bedrockRegion!),
    chat: routedChat({ chat: threads ?? new OpenAiChat(asked), region: bedrockRegion }),
    rubrics: await readRubrics({ folder: rubricFolder }),
    results,
    limits: { ...limits, concurrency: limits.concurrency + ready },
    close: async () => {
      await Promise.all([results.close(), threads?.close()]);
    },
  };
}
