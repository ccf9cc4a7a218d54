@rem The scripts of package.json begin with `exec`, so that a signal sent to npm reaches the program itself and not a shell
@rem that dies of it and leaves the program running. The shell of Windows has no such word: this is it.
@%*
