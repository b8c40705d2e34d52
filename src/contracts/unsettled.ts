/** How a query begins to be refused that may have found a workflow ahead of its history; asked again, it is answered. */
export const unsettled = 'not settled yet';

/** The header of a query of a workflow that has ended: no task will take the rest of its news, nor be misled by them. */
export const endedField = 'understudy-ended';
