import { z } from 'zod';
import type { Assessment, LookAgain } from '../contracts/watch.js';
import { isHold, untilNextLook } from '../domain/rollout/next-look.js';
import { heartbeat, lastHeartbeat, pause } from './heartbeat.js';

/** How often the activity says that it lives, and hears that it is no longer wanted. */
const beatMilliseconds = 5000;

const waitedSchema = z.object({ waited: z.number(), due: z.number() });

/**
 * Makes an assessment one that can wait: with `again` it looks at the pace of `untilNextLook` and answers at the first
 * look that holds no longer, or with what it saw last once `forMilliseconds` are over. Without, it looks once. A retry
 * goes on with the waiting where the attempt before left off.
 */
export const lookingAgain =
  <Input extends object, Result extends Assessment>(assess: (input: Input) => Promise<Result>) =>
  async (input: Input & { again?: LookAgain }): Promise<Result> => {
    const { again } = input;
    if (!again) return await assess(input);
    const { forMilliseconds, heldMilliseconds, ...pace } = again;
    const dueAfter = (waited: number): number =>
      Math.min(waited + untilNextLook({ ...pace, heldMilliseconds: heldMilliseconds + waited }), forMilliseconds);
    const before = waitedSchema.safeParse(lastHeartbeat());
    let { waited, due } = before.success ? before.data : { waited: 0, due: dueAfter(0) };
    for (;;) {
      while (waited < due) {
        const piece = Math.min(due - waited, beatMilliseconds);
        await pause(piece);
        waited += piece;
        heartbeat({ waited, due });
      }
      const assessed = await assess(input);
      if (!isHold(assessed) || waited >= forMilliseconds) return assessed;
      due = dueAfter(waited);
      heartbeat({ waited, due });
    }
  };
