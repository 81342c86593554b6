import { getRouteApi } from "@tanstack/react-router";
import { Dashboard } from "barq-web/dashboard";

const route = getRouteApi("/queue");

/** The queue of bookmarks' own jobs: barq's dashboard, as it is. */
export function QueuePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();

  return (
    <Dashboard below="queue" search={search} onSearch={(change) => navigate({ search: change })} />
  );
}
