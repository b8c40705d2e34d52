import { sha256Hex } from '../domain/release/evidence.js';
import { routeName, type NotifyRoute } from '../domain/spec/notify-spec.js';

/** What a route is called where its address must not be read: in histories. */
export const routeDigest = (route: NotifyRoute): string => sha256Hex(routeName(route)).slice(0, 16);

/** Who brings one message through one route. */
export const notificationWorkflowId = ({ key, route }: { key: string; route: string }): string =>
  `notification:${key}:${route}`;
