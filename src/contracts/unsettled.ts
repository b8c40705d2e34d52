/** How a query begins to be refused that found a workflow ahead of its history; asked again, it is answered. */
export const unsettled = 'not settled yet';
