import { join } from 'node:path';
import type { Judge } from '../../activities/judging/judge-port.js';
import type { JudgeSettings } from '../../config/settings.js';
import { OpenAiChat } from '../openai-chat/openai-chat.js';
import { ResultLog } from '../result-log/result-log.js';
import { readRubrics, rubricFolder } from '../rubric-files/rubric-files.js';

/** The judge that the settings name, with its results in a folder of the store; `close` lets go of their files. */
export async function openAiJudge({
  settings: { baseUrl, apiKey, timeoutMilliseconds, ...limits },
  store,
}: {
  settings: JudgeSettings;
  /** Folder of the artifact store. */
  store: string;
}): Promise<Judge & { close: () => Promise<void> }> {
  const results = new ResultLog({ folder: join(store, 'cache', 'judgements') });
  return {
    endpoint: baseUrl,
    chat: new OpenAiChat({ apiKey: apiKey?.reveal() ?? null, timeoutMilliseconds }),
    rubrics: await readRubrics({ folder: rubricFolder }),
    results,
    limits,
    close: () => results.close(),
  };
}
