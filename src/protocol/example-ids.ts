/** The ids that the documents' examples have: of the demo's data. */
export const jamesId = 'd61d47bb-2cd2-4c1d-8975-938263836086';
export const vincentId = '599e25c1-693d-4620-9abf-fde1dda5d426';
export const jasonId = 'ef642621-024a-4db6-9ab2-5304c6e6221d';
export const chatId = '27784f95-d0e0-478d-b224-f718fe2da52c';
export const messageId = '9d5a44c4-3115-477b-83da-f7c8b4f34896';
