import { Pool } from 'undici';
import { judgeModel, questionOf } from './evaluation-cases.js';

/**
 * Seconds that a client takes which does nothing but send a prepared question and read the reply, the second time it
 * does so: what Node.js and the server can do at best.
 */
export async function bareSeconds({
  endpoint,
  calls,
  atOnce,
}: {
  endpoint: string;
  calls: number;
  atOnce: number;
}): Promise<number> {
  const pool = new Pool(new URL(endpoint).origin, { connections: atOnce });
  const request = {
    ...{ path: `${new URL(endpoint).pathname}/chat/completions`, method: 'POST' as const },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: judgeModel, messages: [{ role: 'user', content: questionOf(1) }] }),
  };
  const sendAll = async (): Promise<number> => {
    let left = calls;
    const begun = performance.now();
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await (await pool.request(request)).body.text();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return (performance.now() - begun) / 1000;
  };
  try {
    await sendAll();
    return await sendAll();
  } finally {
    await pool.close();
  }
}
