// Stands in for `@dynamic-labs-sdk/react-hooks`, which the registry does not have: its mutation hooks, written from their
// documentation, over the real client. `useUser` follows the client's `userChanged` event.
import * as sdk from "@dynamic-labs-sdk/client";
import { useCallback, useState, useSyncExternalStore } from "react";

const useMutation = (run) => {
  const [state, setState] = useState({ data: undefined, error: null, isPending: false });
  const mutate = useCallback((variables, { onSuccess } = {}) => {
    setState((before) => ({ ...before, error: null, isPending: true }));
    run(variables).then(
      (data) => {
        setState({ data, error: null, isPending: false });
        onSuccess?.(data);
      },
      (error) => setState((before) => ({ ...before, error, isPending: false })),
    );
  }, [run]);
  return { ...state, mutate };
};

const read = () => sdk.getMfaRecoveryCodes();
const create = () => sdk.createNewMfaRecoveryCodes();
const authenticate = ({ code }) => sdk.authenticateMfaRecoveryCode({ code });
const subscribe = (listener) => sdk.onEvent({ event: "userChanged", listener });

export const useGetMfaRecoveryCodes = () => useMutation(read);
export const useCreateNewMfaRecoveryCodes = () => useMutation(create);
export const useAuthenticateMfaRecoveryCode = () => useMutation(authenticate);
export const useUser = () => useSyncExternalStore(subscribe, () => sdk.getDefaultClient().user);
