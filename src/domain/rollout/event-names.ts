/** What gateways count by themselves, so that nobody may report it as an outcome. */
export const gatewayEvents: readonly string[] = [
  ...['request', 'error', 'slow', 'slowStart', 'blocked', 'degraded', 'thumbsDown', 'thumbsUp'],
];

/** Every event with a meaning of its own; other names are outcomes of a team's own. */
export const documentedEvents: readonly string[] = [...gatewayEvents, 'conversion', 'return', 'badAnswer'];

/** What the kind of an outcome may be called, and so what a guard can watch. */
export const eventName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
