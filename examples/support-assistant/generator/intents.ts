import { abroadIntents } from './intents-abroad.js';
import { accountIntents } from './intents-account.js';
import { bookingIntents } from './intents-booking.js';
import { deliveryIntents } from './intents-delivery.js';
import { problemIntents } from './intents-problems.js';
import type { Intent } from './intent.js';

/** The desk's 24 intents: twelve from the first quarter, twelve that came with the second. */
export const intents: readonly Intent[] = [
  ...deliveryIntents,
  ...problemIntents,
  ...bookingIntents,
  ...abroadIntents,
  ...accountIntents,
];
