/**
 * How an answer came, which says how its name is known: `signed` ones carry a token, an `update` names who may reach
 * Temporal, an unsigned signal proves nobody.
 */
export const approvalChannels = ['update', 'signedUpdate', 'signedSignal', 'unsignedSignal', 'automatic'] as const;
export type ApprovalChannel = (typeof approvalChannels)[number];
