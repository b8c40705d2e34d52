import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJudgeActivities } from '../../../src/activities/judging/judge-answers.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { OpenAiChat } from '../../../src/adapters/openai-chat/openai-chat.js';
import { ResultLog } from '../../../src/adapters/result-log/result-log.js';
import { readRubrics } from '../../../src/adapters/rubric-files/rubric-files.js';
import type { JudgeAnswersInput } from '../../../src/contracts/evaluation.js';

/** Judges in a process of its own, so that a test can kill it: folder of the store, endpoint, the activity's input. */
const [root = '', endpoint = '', input = ''] = process.argv.slice(2);
const { judgeAnswers } = createJudgeActivities({
  store: new DirectoryStore({ root }),
  judge: {
    ...{ endpoint, chat: new OpenAiChat({ apiKey: null }) },
    rubrics: await readRubrics({ folder: fileURLToPath(new URL('../../../rubrics', import.meta.url)) }),
    results: new ResultLog({ folder: join(root, 'cache', 'judgements') }),
    limits: { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null },
  },
});
await judgeAnswers(JSON.parse(input) as JudgeAnswersInput);
