import { setCurrentDetails } from '@temporalio/workflow';
import { shownDetails } from '../contracts/shown-text.js';

/** What people read of a running workflow in the UI. */
export const showDetails = (markdown: string): void => setCurrentDetails(shownDetails(markdown));
