import type { ConverseCommandOutput, StopReason } from '@aws-sdk/client-bedrock-runtime';
import { PortError } from '../../activities/ports.js';

/** Why an answer ended, in OpenAI's words: done, cut at the most tokens, or held back by a filter. */
export type Finish = 'stop' | 'length' | 'content_filter';

export interface ConverseAnswer {
  text: string;
  finish: Finish;
  promptTokens: number;
  completionTokens: number;
}

/** Reasons of Bedrock that leave an answer to be used; the others end without one. */
const finishes: Readonly<Partial<Record<StopReason, Finish>>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

/** Throws a `PortError` of type `Unavailable` for a reason that leaves no answer, such as a call of tools. */
export function finishOf({ what, stopReason }: { what: string; stopReason: StopReason | undefined }): Finish {
  const finish = stopReason === undefined ? undefined : finishes[stopReason];
  if (finish === undefined)
    throw new PortError('Unavailable', `${what}: ended without an answer (stopReason ${stopReason ?? 'missing'})`);
  return finish;
}

/**
 * The answer of Converse; what a model reasoned before it is no part of it.
 * @throws PortError of type `Unavailable` where there is none
 */
export function converseAnswer({ what, output }: { what: string; output: ConverseCommandOutput }): ConverseAnswer {
  const finish = finishOf({ what, stopReason: output.stopReason });
  const blocks = output.output?.message?.content;
  if (!blocks) throw new PortError('Unavailable', `${what}: answered without a message`);
  return {
    text: blocks.map((block) => block.text ?? '').join(''),
    finish,
    promptTokens: output.usage?.inputTokens ?? 0,
    completionTokens: output.usage?.outputTokens ?? 0,
  };
}
