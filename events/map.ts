// deno-lint-ignore-file no-explicit-any
// The one file of the shipped code where `any` may stand: conditional types over the parameters of
// unknown functions cannot be written without it.

/** The events of one direction: names, and the signatures of their listeners. */
export interface EventsMap {
  /** The listener of an event. */
  [event: string]: any;
}

/** What holds where no map is given: every event, with any arguments. */
export interface DefaultEventsMap {
  /** The listener of an event. */
  [event: string]: (...args: any[]) => void;
}

/** A listener of any event. */
export type AnyListener = (...args: any[]) => any;

/** The names of the events of a map. */
export type EventNames<Map extends EventsMap> = keyof Map & (string | symbol);

/** The arguments of one event. */
export type EventParams<Map extends EventsMap, Event extends EventNames<Map>> = Parameters<
  Map[Event]
>;

/** The names of both maps. */
export type ReservedOrUserEventNames<Reserved extends EventsMap, User extends EventsMap> =
  | EventNames<Reserved>
  | EventNames<User>;

/** The listener of an event; the reserved map comes first. */
export type ReservedOrUserListener<
  Reserved extends EventsMap,
  User extends EventsMap,
  Event extends ReservedOrUserEventNames<Reserved, User>,
> = OrUntyped<
  Event extends EventNames<Reserved> ? Reserved[Event]
    : Event extends EventNames<User> ? User[Event]
    : never
>;

/** A listener, or any listener if nothing is known of it. */
export type OrUntyped<Listener> = [Listener] extends [never]
  ? (...args: any[]) => void | Promise<void>
  : Listener;

/** The last of a list of types, `never` if the list is empty, `any` if its length is open. */
export type Last<List extends any[]> = List extends [...infer _Rest, infer Item] ? Item
  : any[] extends List ? any
  : List extends [...infer _Rest, (infer Item)?] ? Item
  : never;

/** All types of a list but the last. */
export type AllButLast<List extends any[]> = List extends [...infer Rest, infer _Item] ? Rest
  : List;

/** Whether a type is `any`. */
export type IsAny<Type> = 0 extends (1 & Type) ? true : false;

/** Whether the last of a list of parameters is a function, given or optional. */
export type LastIsFunction<Params extends any[]> = IsAny<Last<Params>> extends true ? false
  : [NonNullable<Last<Params>>] extends [never] ? false
  : NonNullable<Last<Params>> extends (...args: any[]) => any ? true
  : false;

/** Whether the last of a list of parameters is optional, or may be `undefined`. */
export type LastMayBeMissing<Params extends any[]> = Params extends [...infer _Rest, infer Item]
  ? undefined extends Item ? true : false
  : true;

/** Whether an acknowledgement takes an answer, and not at most an error. */
export type TakesAnswer<Ack> = Ack extends (...args: infer Args) => unknown
  ? Args extends [] ? false
  : Args extends [infer Only] ? IsAny<Only> extends true ? true : Only extends Error ? false : true
  : true
  : false;

/** The names of the events whose acknowledgement takes an answer; all names if untyped. */
export type EventNamesWithAck<
  Map extends EventsMap,
  Name extends EventNames<Map> = EventNames<Map>,
> = {
  [Event in Name]: IsAny<Last<Parameters<Map[Event]>>> extends true ? Event
    : LastIsFunction<Parameters<Map[Event]>> extends true
      ? TakesAnswer<NonNullable<Last<Parameters<Map[Event]>>>> extends true ? Event : never
    : never;
}[Name];

/** The names of the events that have no acknowledgement; all names if untyped. */
export type EventNamesWithoutAck<
  Map extends EventsMap,
  Name extends EventNames<Map> = EventNames<Map>,
> = {
  [Event in Name]: LastIsFunction<Parameters<Map[Event]>> extends true
    ? LastMayBeMissing<Parameters<Map[Event]>> extends true ? Event : never
    : Event;
}[Name];

/** An acknowledgement that takes an error first, which is `null` if there is none. */
export type ErrorFirst<Ack> = Ack extends (error: Error, ...rest: infer Rest) => infer Result
  ? (error: Error | null, ...rest: Rest) => Result
  : never;

/** The names of the events whose acknowledgement takes an error first; all names if untyped. */
export type EventNamesWithError<
  Map extends EventsMap,
  Name extends EventNamesWithAck<Map> = EventNamesWithAck<Map>,
> = {
  [Event in Name]: IsAny<Last<Parameters<Map[Event]>>> extends true ? Event
    : ErrorFirst<NonNullable<Last<Parameters<Map[Event]>>>> extends never ? never
    : Event;
}[Name];

/** A list of parameters whose functions take an error first. */
export type PrependError<Params extends any[]> = {
  [Index in keyof Params]: Params[Index] extends (...args: infer Args) => infer Result
    ? (error: Error, ...args: Args) => Result
    : Params[Index];
};

/** A list of parameters whose functions take the answers of all. */
export type CollectResponses<Params extends any[]> = {
  [Index in keyof Params]: Params[Index] extends (error: Error, ...args: infer Args) => infer Result
    ? (error: Error, ...args: { [At in keyof Args]: Args[At][] }) => Result
    : Params[Index] extends (...args: infer Args) => infer Result
      ? (...args: { [At in keyof Args]: Args[At][] }) => Result
    : Params[Index];
};

/** A function with other parameters. */
export type WithParams<Fn, Params extends any[]> = Fn extends (...args: any[]) => infer Result
  ? (...args: Params) => Result
  : never;

/** A map whose acknowledgements take an error first, as behind `timeout()`. */
export type DecorateAcknowledgements<Map> = {
  [Event in keyof Map]: Map[Event] extends (...args: infer Params) => any
    ? WithParams<Map[Event], PrependError<Params>>
    : Map[Event];
};

/** A map whose acknowledgements take an error and the answers of all, as behind a broadcast. */
export type DecorateAcknowledgementsWithTimeoutAndMultipleResponses<Map> = {
  [Event in keyof Map]: Map[Event] extends (...args: infer Params) => any ? WithParams<
      Map[Event],
      PrependError<
        {
          [Index in keyof Params]: Params[Index] extends (...args: infer Args) => infer Result
            ? (...args: { [At in keyof Args]: Args[At][] }) => Result
            : Params[Index];
        }
      >
    >
    : Map[Event];
};

/** The arguments of an event to other servers: its acknowledgement takes an error and all answers. */
export type ServerSideParams<Map extends EventsMap, Event extends EventNames<Map>> = Parameters<
  DecorateAcknowledgementsWithTimeoutAndMultipleResponses<Map>[Event]
>;

/** A map whose acknowledgements take the answers of all. */
export type DecorateAcknowledgementsWithMultipleResponses<Map> = {
  [Event in keyof Map]: Map[Event] extends (...args: infer Params) => any
    ? WithParams<Map[Event], CollectResponses<Params>>
    : Map[Event];
};

/** A map without the acknowledgements of its events. */
export type RemoveAcknowledgements<Map> = {
  [Event in keyof Map]: Map[Event] extends (...args: infer Params) => any
    ? LastIsFunction<Params> extends true ? WithParams<Map[Event], AllButLast<Params>> : Map[Event]
    : Map[Event];
};

/**
 * What `emitWithAck` resolves to: the first argument of the acknowledgement that is no error.
 */
export type AckResult<Map extends EventsMap, Event extends EventNames<Map>> = FirstAnswer<
  NonNullable<Last<EventParams<Map, Event>>>
>;

/** The first parameter of a function that is no error; `any` if nothing is known of it. */
export type FirstAnswer<Fn> = Fn extends (...args: infer Params) => any
  ? Params[0] extends Error ? Params[1] : Params[0]
  : any;

/** What a program keeps with its sockets, where it does not say. */
export type DefaultSocketData = any;

/** What a client gives to be let in: whatever it likes. */
export interface Credentials {
  /** One of the values. */
  [name: string]: any;
}

/** An event on its way to the listeners: name, arguments, and the acknowledgement if one is asked. */
export type SocketEvent = [eventName: string, ...args: any[]];

/** An error whose `data`, if it has any, is told to the client that it refuses. */
export interface ExtendedError extends Error {
  /** What the client hears besides the message. */
  data?: any;
}
