// A shortcut link has what it wants behind the #, which no browser sends: #/console?account_id=…
const shortcut = () => {
  const [path, query] = location.hash.slice(1).split("?");
  if (path === "/console" && query) {
    location.replace("/start/console?" + query);
  }
};
addEventListener("hashchange", shortcut);
shortcut();
